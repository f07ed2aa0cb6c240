import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { Clock } from '../clock.ts';
import type { Ids } from '../ids.ts';

/** What a form that strangers may send is protected with; each has challenges and a count of its own. */
export type BotCheckPurpose = 'sign_up' | 'forgot_password';

/** What a form asks of the browser. */
export interface BotChallenge {
  /** To be sent back as it is. */
  text: string;
  /** Leading zero bits that SHA-256 of `<text>.<proof>` must have. */
  bits: number;
  /** Seconds after which it may be sent back without a proof, by browsers without script. */
  wait: number;
}

export interface BotAnswer {
  challenge: string;
  /** What was found; empty without script. */
  proof: string;
}

/** `needed`: no challenge was sent, or one that is too old, used, or somebody else's. */
export type BotVerdict = { kind: 'passed' } | { kind: 'needed' } | { kind: 'too_early'; seconds: number };

/** Tells people from programs that send forms by the thousand. One way is built in; others have the same two doors. */
export interface BotCheck {
  /** For the form that is shown; undefined while forms of this kind come rarely. */
  challenge(purpose: BotCheckPurpose): BotChallenge | undefined;
  /**
   * For a form that has come, which it counts. MUST take each challenge once, whichever process it comes to. Asked before
   * anything of the form is looked at, so that its answer tells nothing of what is in it.
   */
  admit(purpose: BotCheckPurpose, answer: BotAnswer): Promise<BotVerdict>;
}

export interface ProofOfWorkDeps {
  /** The first signs, all verify. */
  keys: readonly { key: Buffer }[];
  /** Whether this identifier is seen for the first time; one statement. */
  seenOnce(issuer: string, id: string, expiresAt: number): Promise<boolean>;
  clock: Clock;
  ids: Ids;
  /** Forms in ten minutes, of one kind and in one process, above which proofs are asked for. */
  above: number;
  bits: number;
}

const window = 10 * 60_000;
/** Milliseconds that a challenge may be answered. */
const lifetime = 30 * 60_000;
const waitSeconds = 15;
const longestProof = 32;

/**
 * The built-in one: a little work for the browser (SHA-256 until enough zero bits lead), or, without script, a little time. What
 * a challenge is for, when it was made and how hard it is stand in it, under an HMAC: nothing is kept until it is used.
 */
export function makeProofOfWork(deps: ProofOfWorkDeps): BotCheck {
  const arrivals = new Map<BotCheckPurpose, number[]>();
  const recent = (purpose: BotCheckPurpose): number[] => {
    const since = deps.clock.now().getTime() - window;
    const kept = (arrivals.get(purpose) ?? []).filter((time) => time > since);
    arrivals.set(purpose, kept);
    return kept;
  };
  const isNeeded = (purpose: BotCheckPurpose): boolean => recent(purpose).length >= deps.above;

  return {
    challenge(purpose) {
      if (!isNeeded(purpose)) return undefined;
      const [signing] = deps.keys;
      if (signing === undefined) throw new TypeError('a cookie key is needed');
      const body = `${purpose}.${deps.clock.now().getTime()}.${deps.bits}.${deps.ids.id()}`;
      return { text: `${body}.${sign(signing.key, body)}`, bits: deps.bits, wait: waitSeconds };
    },

    async admit(purpose, { challenge, proof }) {
      const needed = isNeeded(purpose);
      const times = recent(purpose);
      // No more than are looked at: a flood must not fill the memory.
      if (times.length < deps.above + 1) times.push(deps.clock.now().getTime());
      if (!needed) return { kind: 'passed' };
      const made = read(deps.keys, challenge);
      const now = deps.clock.now().getTime();
      if (made === undefined || made.purpose !== purpose || made.at + lifetime <= now)
        return { kind: 'needed' };
      const isProven =
        proof.length <= longestProof && proof !== '' && zeroBits(challenge, proof) >= made.bits;
      const early = Math.ceil((made.at + waitSeconds * 1000 - now) / 1000);
      if (!isProven && early > 0) return { kind: 'too_early', seconds: early };
      const isFresh = await deps.seenOnce('bot check', made.id, Math.ceil((made.at + lifetime) / 1000));
      return { kind: isFresh ? 'passed' : 'needed' };
    },
  };
}

function sign(key: Buffer, body: string): string {
  return createHmac('sha256', key).update(`gatehouse bot check\0${body}`).digest('base64url');
}

function read(keys: readonly { key: Buffer }[], challenge: string) {
  const [purpose = '', at = '', bits = '', id = '', tag = '', ...more] = challenge.split('.');
  if (more.length > 0) return undefined;
  const body = `${purpose}.${at}.${bits}.${id}`;
  const presented = Buffer.from(tag, 'utf8');
  const isOurs = keys.some(({ key }) => {
    const expected = Buffer.from(sign(key, body), 'utf8');
    return expected.length === presented.length && timingSafeEqual(expected, presented);
  });
  return isOurs ? { purpose, at: Number(at), bits: Number(bits), id } : undefined;
}

/** How many bits at the start of SHA-256 of both are zero. */
export function zeroBits(challenge: string, proof: string): number {
  const digest = createHash('sha256').update(`${challenge}.${proof}`).digest();
  const first = digest.findIndex((byte) => byte !== 0);
  if (first === -1) return digest.length * 8;
  return first * 8 + Math.clz32(digest[first] ?? 0) - 24;
}
