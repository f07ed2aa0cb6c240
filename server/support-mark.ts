/** What a browser session, and every code that it gives, says of the operator who acts in it. */
export interface SupportMark {
  /** Of the support session. */
  id: string;
  /** `sub` of the operator. */
  operatorId: string;
  /** Until when, in seconds since 1970. */
  until: number;
}

const prefix = 'urn:gatehouse:support:';
const form = /^urn:gatehouse:support:([0-9a-f]{32}):([1-9]\d{0,15}):(.{1,128})$/;

/**
 * As the one method by which the session was signed in (`amr`, RFC 8176 1 leaves other names to agreement): the person has proven
 * nothing. The engine carries it from the session to codes and tokens, so that nobody has to look anything up to tell who acts.
 */
export const amrOfSupport = ({ id, operatorId, until }: SupportMark): string =>
  `${prefix}${id}:${until}:${operatorId}`;

/** Who an event is caused by: the person, or an operator on their behalf. */
export const actorFor = (accountId: string, mark: SupportMark | undefined) =>
  mark === undefined
    ? ({ kind: 'account', id: accountId } as const)
    : ({ kind: 'account', id: mark.operatorId, onBehalfOf: accountId } as const);

/** Who acts, if it is not the person. */
export function readSupportMark(amr: unknown): SupportMark | undefined {
  if (!Array.isArray(amr)) return undefined;
  for (const method of amr) {
    const [, id, until, operatorId] = (typeof method === 'string' && form.exec(method)) || [];
    if (id !== undefined && until !== undefined && operatorId !== undefined)
      return { id, until: Number(until), operatorId };
  }
  return undefined;
}
