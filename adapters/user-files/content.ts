import type { FileRow, GivenUser } from '../../server/accounts/import/user-file.ts';

export type Content = FileRow['content'];

export const faulty = (field: string, why: string): Content => ({ kind: 'faulty', field, why });

/** A person, without the fields that the other system has left empty. */
export function person(
  body: Readonly<Record<string, unknown>>,
  rest: Omit<GivenUser, 'body'> & { createdAt?: Date | undefined },
): Content {
  const given = Object.entries(body).filter(
    ([, value]) => value !== undefined && value !== '' && value !== null,
  );
  const { id, passwordHash, createdAt } = rest;
  if (createdAt !== undefined && Number.isNaN(createdAt.getTime()))
    return faulty('created_at', 'This is no point in time.');
  return {
    kind: 'user',
    user: {
      body: Object.fromEntries(given),
      id: id === '' ? undefined : id,
      passwordHash: passwordHash === '' ? undefined : passwordHash,
      createdAt,
    },
  };
}

/**
 * Login names in our words: elsewhere an address is a user name, too, which here it is not.
 */
export function loginNames(
  username: string | null | undefined,
  email?: string | null,
): { preferred_username?: string; email?: string } {
  const [name, address] = [username?.trim() ?? '', email?.trim() ?? ''];
  if (!name.includes('@')) return { preferred_username: name, email: address };
  if (address === '') return { email: name };
  return name.toLowerCase() === address.toLowerCase()
    ? { email: address }
    : { preferred_username: name, email: address };
}

/** Of milliseconds since 1970, or ISO 8601, or `2024-01-31 12:00:00` of a database, which is taken as UTC; as text or number. */
export function timeOf(value: string | number | null | undefined): Date | undefined {
  if (value === undefined || value === null || value === '') return undefined;
  if (typeof value === 'number' || /^\d{11,16}$/.test(value)) return new Date(Number(value));
  const plain = /^(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d(?::\d\d(?:\.\d+)?)?)(Z|[+-]\d\d(?::?\d\d)?)?$/.exec(value);
  if (plain === null) return new Date(value);
  const [, day, time, zone = 'Z'] = plain;
  return new Date(`${day}T${time}${zone.length === 3 ? `${zone}:00` : zone}`);
}

/** Of the texts that databases write; anything else stays what it is and is refused by the schema. */
export function booleanOf(text: string): boolean | string {
  if (/^(?:true|t|1|yes|y)$/i.test(text)) return true;
  if (/^(?:false|f|0|no|n)$/i.test(text)) return false;
  return text;
}
