import { verifySync } from '@node-rs/argon2';
import type { HashFamily } from './family.ts';

const form =
  /^(?:argon2|\{ARGON2\})?(\$(argon2(?:id|i|d))\$v=(?:16|19)\$m=(\d{1,9}),t=(\d{1,9}),p=(\d{1,3})\$[A-Za-z0-9+/]{11,128}\$[A-Za-z0-9+/]{14,172})$/;

/** Argon2 (RFC 9106) as PHC string; Django and OpenLDAP put their own word in front. */
export const argon2: HashFamily = {
  schemes: ['argon2id', 'argon2i', 'argon2d'],

  read(text) {
    const [, hash, scheme, memory, passes, lanes] = form.exec(text) ?? [];
    if (hash === undefined || scheme === undefined) return undefined;
    const blocks = Number(memory) * Number(passes);
    if (Number(lanes) === 0 || Number(passes) === 0 || Number(memory) < 8 * Number(lanes)) return undefined;
    const weak = blocks < 8192 ? 'argon2 with little memory and few passes' : undefined;
    return { scheme, hash, work: blocks / 1500, memory: Number(memory), weak };
  },

  verify: (_scheme, hash, password) => verifySync(hash, password),
};
