import { z } from 'zod';
import { faulty, person, timeOf } from './content.ts';
import type { FromJson } from './from-json.ts';

const user = z.looseObject({
  sub: z.string().optional(),
  password: z
    .undefined({ error: 'Passwords in plain text are not imported; give password_hash.' })
    .optional(),
  password_hash: z.string().optional(),
  /** Seconds, as the admin API has it, or ISO 8601. */
  created_at: z.union([z.number(), z.string()]).optional(),
  updated_at: z.unknown().optional(),
});

/** Our own form: what the admin API answers for a user, and `password_hash`. */
export const fromGatehouse: FromJson = (value) => {
  const parsed = user.safeParse(value);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    return faulty(issue?.path.join('.') || '(line)', issue?.message ?? 'This is not a user.');
  }
  const { sub, password_hash: passwordHash, created_at: created, updated_at: _, ...body } = parsed.data;
  const createdAt = timeOf(typeof created === 'number' ? created * 1000 : created);
  return person(body, { id: sub, passwordHash, createdAt });
};
