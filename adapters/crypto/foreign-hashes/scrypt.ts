import { createCipheriv, scryptSync } from 'node:crypto';
import { areEqual, fromBase64, toBase64 } from './encodings.ts';
import type { HashFamily, KnownHash } from './family.ts';

/** `$scrypt$ln=16,r=8,p=1$salt$hash` (PHC, passlib). */
const phc =
  /^\$scrypt\$ln=(\d{1,2}),r=(\d{1,3}),p=(\d{1,3})\$([A-Za-z0-9+/.=]{0,340})\$([A-Za-z0-9+/.=]{14,340})$/;
/** `scrypt$16384$salt$8$1$hash` of Django, whose salt is text. */
const django = /^scrypt\$(\d{1,10})\$([^$]{1,128})\$(\d{1,3})\$(\d{1,3})\$([A-Za-z0-9+/]{14,340}={0,2})$/;
/** `$firebase-scrypt$ln=14,r=8,sep=...,key=...$salt$hash`: the form that our reader of Firebase's exports makes. */
const firebase =
  /^\$firebase-scrypt\$ln=(\d{1,2}),r=(\d{1,3}),sep=([A-Za-z0-9+/]{0,24}),key=([A-Za-z0-9+/]{43,128})\$([A-Za-z0-9+/]{0,340})\$([A-Za-z0-9+/]{14,340})$/;

/** What Node may use beside the 128 * N * r bytes of the algorithm itself. */
const beside = 1024 * 1024;

/** scrypt (RFC 7914), and Firebase's, which encrypts a key of the project with what scrypt gives. */
export const scrypt: HashFamily = {
  schemes: ['scrypt', 'firebase-scrypt'],

  read(text) {
    const [, ln, r, p, salt, output] = phc.exec(text) ?? [];
    if (salt !== undefined && output !== undefined)
      return plain(Number(ln), Number(r), Number(p), fromBase64(salt), fromBase64(output));
    const [, n, saltText, blockSize, lanes, hash] = django.exec(text) ?? [];
    if (saltText !== undefined && hash !== undefined) {
      const given = Buffer.from(saltText, 'utf8');
      return plain(Math.log2(Number(n)), Number(blockSize), Number(lanes), given, fromBase64(hash));
    }
    const [, cost, rounds] = firebase.exec(text) ?? [];
    if (cost === undefined) return undefined;
    return priced('firebase-scrypt', text, Number(cost), Number(rounds), 1);
  },

  verify(scheme, hash, password) {
    if (scheme === 'firebase-scrypt') return verifyFirebase(hash, password);
    const [, ln, r, p, salt = '', output = ''] = phc.exec(hash) ?? [];
    const expected = Buffer.from(output, 'base64');
    const options = optionsOf(Number(ln), Number(r), Number(p));
    return areEqual(scryptSync(password, Buffer.from(salt, 'base64'), expected.length, options), expected);
  },
};

/** As firebase/scrypt does it: AES-256-CTR with a zero counter over the signer key. */
function verifyFirebase(hash: string, password: Buffer): boolean {
  const [, ln, r, separator = '', key = '', salt = '', output = ''] = firebase.exec(hash) ?? [];
  const salted = Buffer.concat([Buffer.from(salt, 'base64'), Buffer.from(separator, 'base64')]);
  const derived = scryptSync(password, salted, 32, optionsOf(Number(ln), Number(r), 1));
  const cipher = createCipheriv('aes-256-ctr', derived, Buffer.alloc(16));
  const found = Buffer.concat([cipher.update(Buffer.from(key, 'base64')), cipher.final()]);
  return areEqual(found, Buffer.from(output, 'base64'));
}

function optionsOf(ln: number, r: number, p: number) {
  return { N: 2 ** ln, r, p, maxmem: 128 * 2 ** ln * r + 128 * r * p + beside };
}

function plain(
  ln: number,
  r: number,
  p: number,
  salt: Buffer | undefined,
  output: Buffer | undefined,
): KnownHash | undefined {
  if (salt === undefined || output === undefined || output.length < 10) return undefined;
  const hash = `$scrypt$ln=${ln},r=${r},p=${p}$${toBase64(salt)}$${toBase64(output)}`;
  return priced('scrypt', hash, ln, r, p);
}

function priced(scheme: string, hash: string, ln: number, r: number, p: number): KnownHash | undefined {
  if (!Number.isInteger(ln) || ln < 1 || ln > 31 || r < 1 || p < 1) return undefined;
  const memory = (128 * 2 ** ln * r) / 1024;
  const weak = memory * p < 4096 ? 'scrypt with little memory' : undefined;
  return { scheme, hash, work: (memory * p) / 200, memory, weak };
}
