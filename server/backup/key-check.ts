import { createHmac } from 'node:crypto';
import { StartError } from '../errors.ts';
import type { NamedKey } from '../keys/key-list.ts';
import { type SecretName, type Secrets, secretNames, secretSettings } from './secrets.ts';

/** For each key its id, and what only that key gives: it tells keys apart and says nothing about them. */
export type KeyCheck = Readonly<Record<SecretName, readonly { id: string; check: string }[]>>;

export function checkOf(secrets: Secrets): KeyCheck {
  const checks = (keys: readonly NamedKey[]) => keys.map(({ id, key }) => ({ id, check: checkOfKey(key) }));
  return {
    encryptionKeys: checks(secrets.encryptionKeys),
    cookieKeys: checks(secrets.cookieKeys),
    passwordKeys: checks(secrets.passwordKeys),
  };
}

function checkOfKey(key: Buffer): string {
  return createHmac('sha256', key).update('gatehouse key check v1').digest('hex').slice(0, 32);
}

const lost: Readonly<Record<SecretName, string>> = {
  encryptionKeys: 'signing keys and other secrets in the database could not be opened',
  cookieKeys: 'everybody would be signed out',
  passwordKeys: 'nobody could sign in with a password',
};

/**
 * Every key that the server had must be there; more may be, and in another order.
 *
 * @throws StartError exit 78 naming the settings whose keys are missing, and what that would mean
 */
export function refuseOtherKeys(had: KeyCheck, secrets: Secrets): void {
  const have = checkOf(secrets);
  const faults = secretNames.flatMap((name) => {
    const missing = had[name].filter(
      ({ id, check }) => !have[name].some((key) => key.id === id && key.check === check),
    );
    const ids = missing.map(({ id }) => id).join(', ');
    return missing.length === 0 ? [] : [`${secretSettings[name]} lacks the key ${ids}: ${lost[name]}.`];
  });
  if (faults.length === 0) return;
  throw new StartError(
    ['These are not the keys that the data was used with. Nothing was changed.', ...faults].join('\n'),
    'Set the keys of the server that the data comes from; new ones may stand in front of them.',
    78,
  );
}
