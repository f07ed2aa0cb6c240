import { hash as digestOf } from 'node:crypto';
import { areEqual, fromBase64 } from './encodings.ts';
import type { HashFamily } from './family.ts';

const lengthOf = { sha: 20, sha256: 32, sha384: 48, sha512: 64, md5: 16 } as const;
type Name = keyof typeof lengthOf;
const form = /^\{(S?)(SHA|SHA256|SHA384|SHA512|MD5)\}([A-Za-z0-9+/]{22,340}={0,2})$/;

/** One digest over password and salt, as directories keep it (RFC 2307 and its heirs): `{SSHA}`, `{SHA}`, `{SSHA512}`, ... */
export const saltedDigest: HashFamily = {
  schemes: ['ssha', 'ssha256', 'ssha384', 'ssha512', 'smd5', 'sha', 'sha256', 'sha384', 'sha512', 'md5'],

  read(text) {
    const [, salted, given, encoded] = form.exec(text) ?? [];
    const name = given?.toLowerCase();
    if (name === undefined || !isName(name) || encoded === undefined) return undefined;
    const bytes = fromBase64(encoded);
    if (bytes === undefined) return undefined;
    const salt = bytes.length - lengthOf[name];
    if (salted === 'S' ? salt < 1 : salt !== 0) return undefined;
    const weak = salted === 'S' ? `one round of ${given}` : `one round of ${given} without salt`;
    return { scheme: `${salted?.toLowerCase()}${name}`, hash: text, work: 0.1, weak };
  },

  verify(_scheme, hash, password) {
    const [, , given = '', encoded = ''] = form.exec(hash) ?? [];
    const name = given.toLowerCase();
    if (!isName(name)) return false;
    const bytes = Buffer.from(encoded, 'base64');
    const [expected, salt] = [bytes.subarray(0, lengthOf[name]), bytes.subarray(lengthOf[name])];
    const algorithm = name === 'sha' ? 'sha1' : name;
    return areEqual(digestOf(algorithm, Buffer.concat([password, salt]), 'buffer'), expected);
  },
};

const isName = (name: string): name is Name => Object.hasOwn(lengthOf, name);
