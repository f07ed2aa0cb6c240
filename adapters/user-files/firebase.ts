import { z } from 'zod';
import { StartError } from '../../server/errors.ts';
import { faulty, person, timeOf } from './content.ts';
import type { FromJson } from './from-json.ts';

const text = z.string().nullish();
const user = z.looseObject({
  localId: text,
  email: text,
  emailVerified: z.boolean().nullish(),
  displayName: text,
  photoUrl: text,
  phoneNumber: text,
  disabled: z.boolean().nullish(),
  createdAt: z.union([z.string(), z.number()]).nullish(),
  passwordHash: text,
  salt: text,
});

export const firebasePaths = ['$.users.*'];

/** The project's parameters, which the console shows under "Password hash parameters". */
export interface FirebaseParameters {
  signerKey: string;
  saltSeparator: string;
  rounds: number;
  memCost: number;
}

const form = (name: string, value: string): RegExp => new RegExp(`${name}"?\\s*[:=]\\s*"?(${value})"?`);

/**
 * Reads them as the console shows them, or as JSON.
 *
 * @throws StartError exit 2
 */
export function readFirebaseParameters(given: string): FirebaseParameters {
  const [, signerKey] = form('(?:base64_)?signer_?[kK]ey', '[A-Za-z0-9+/_=-]+').exec(given) ?? [];
  const [, saltSeparator = ''] =
    form('(?:base64_)?salt_?[sS]eparator', '[A-Za-z0-9+/_=-]*').exec(given) ?? [];
  const [, rounds] = form('rounds', '\\d+').exec(given) ?? [];
  const [, memCost] = form('mem_?[cC]ost', '\\d+').exec(given) ?? [];
  if (signerKey !== undefined && rounds !== undefined && memCost !== undefined)
    return { signerKey, saltSeparator, rounds: Number(rounds), memCost: Number(memCost) };
  throw new StartError(
    'The parameters of the Firebase project are incomplete. Nothing was changed.',
    'Copy all of "Password hash parameters" of the console into the file: base64_signer_key, base64_salt_separator, rounds, mem_cost.',
    2,
  );
}

/** A user of `firebase auth:export users.json`. */
export const makeFromFirebase =
  (parameters: FirebaseParameters | undefined): FromJson =>
  (value) => {
    const parsed = user.safeParse(value);
    if (!parsed.success)
      return faulty(parsed.error.issues[0]?.path.join('.') || '(item)', 'This is not as Firebase writes it.');
    const { data } = parsed;
    const { passwordHash, salt } = data;
    if (passwordHash && parameters === undefined)
      return faulty('passwordHash', 'The parameters of the project are needed: --firebase-parameters-file.');
    return person(
      {
        email: data.email,
        email_verified: data.emailVerified,
        name: data.displayName,
        picture: data.photoUrl,
        phone_number: data.phoneNumber,
        status: data.disabled === true ? 'disabled' : undefined,
      },
      {
        id: data.localId ?? undefined,
        passwordHash: passwordHash && parameters ? hashText(parameters, salt ?? '', passwordHash) : undefined,
        createdAt: timeOf(data.createdAt),
      },
    );
  };

/** As the family scrypt of adapters/crypto/foreign-hashes takes it. */
function hashText(
  { signerKey, saltSeparator, rounds, memCost }: FirebaseParameters,
  salt: string,
  hash: string,
): string {
  const parameters = `ln=${memCost},r=${rounds},sep=${plain(saltSeparator)},key=${plain(signerKey)}`;
  return `$firebase-scrypt$${parameters}$${plain(salt)}$${plain(hash)}`;
}

/** Firebase writes URL-safe base64. */
const plain = (base64: string): string => base64.replaceAll('-', '+').replaceAll('_', '/').replace(/=+$/, '');
