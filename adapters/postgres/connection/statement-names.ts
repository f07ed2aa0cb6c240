import { createHash } from 'node:crypto';

/** Kept at once by each session; what comes later has no name, and is planned each time. */
const most = 500;
/** Rows that are written by the thousand make texts that do not come again. */
const longest = 8192;

export interface StatementNames {
  /** The name of a text, or undefined for one that is not kept. */
  of(text: string): string | undefined;
  /** Keeps nothing from now on. */
  giveUp(): void;
}

/**
 * Names under which the sessions of a process keep statements prepared, so that PostgreSQL parses and plans them once and not
 * at every request: that is more than half of what a request costs it. The plans must be good for whatever values
 * (test/statements/plans.test.ts). Only where each session is this process' own: not behind a pooler, and not on the
 * embedded database.
 *
 * A name is made from its text, so that even behind a pooler that nobody has told of it never means another statement.
 */
export function makeStatementNames(): StatementNames {
  const names = new Map<string, string>();
  let keeps = true;
  return {
    of(text) {
      if (!keeps) return undefined;
      const known = names.get(text);
      if (known !== undefined || names.size >= most || text.length > longest) return known;
      const name = `gatehouse_${createHash('sha256').update(text).digest('base64url')}`;
      names.set(text, name);
      return name;
    },
    giveUp() {
      keeps = false;
    },
  };
}

/** Where sessions are not this process' own. */
export const noNames: StatementNames = { of: () => undefined, giveUp() {} };
