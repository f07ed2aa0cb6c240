import { StartError } from '../errors.ts';
import { type NamedKey, parseKeyList } from '../keys/key-list.ts';

/** The lists of keys that a server has, each with the name of its setting. */
export const secretSettings = {
  encryptionKeys: 'GATEHOUSE_ENCRYPTION_KEYS',
  cookieKeys: 'GATEHOUSE_COOKIE_KEYS',
  passwordKeys: 'GATEHOUSE_PASSWORD_KEYS',
} as const;

export type SecretName = keyof typeof secretSettings;
export const secretNames = ['encryptionKeys', 'cookieKeys', 'passwordKeys'] as const;

/** As they are written in settings and in the file of the data directory. */
export type SecretTexts = Readonly<Record<SecretName, string>>;
export type Secrets = Readonly<Record<SecretName, NamedKey[]>>;

export interface KnownSecrets {
  /** What the settings give; these are used before all others. */
  given: Readonly<Partial<Record<SecretName, NamedKey[] | undefined>>>;
  /** What the backup holds. */
  brought: SecretTexts | undefined;
  /** What the data directory holds already. */
  present: SecretTexts | undefined;
}

export interface ChosenSecrets {
  secrets: Secrets;
  /** What is to be put into the data directory, which has none yet. */
  toKeep: SecretTexts | undefined;
}

/**
 * The secrets that a restored server will have: those of the settings, else those of the data directory.
 *
 * @throws StartError when there are none, or when the data directory has others than the backup
 */
export function chooseSecrets({ given, brought, present }: KnownSecrets): ChosenSecrets {
  const allGiven = secretNames.every((name) => given[name] !== undefined);
  if (!allGiven && brought !== undefined && present !== undefined && !areEqual(brought, present)) {
    throw new StartError(
      'The data directory has secrets already, and they are not those of the backup. Nothing was changed.',
      'Give an empty or new directory in GATEHOUSE_DATA_DIR.',
    );
  }
  const kept = present ?? brought;
  const find = (name: SecretName): NamedKey[] => {
    const list = given[name] ?? (kept === undefined ? undefined : parseKeyList(kept[name]));
    if (list !== undefined) return list;
    throw new StartError(
      `The backup was made without secrets, and ${secretSettings[name]} is not set. Nothing was changed.`,
      'Set GATEHOUSE_ENCRYPTION_KEYS, GATEHOUSE_COOKIE_KEYS and GATEHOUSE_PASSWORD_KEYS (or their _FILE forms) as that server had them, or put its secrets.json into GATEHOUSE_DATA_DIR.',
    );
  };
  return {
    secrets: {
      encryptionKeys: find('encryptionKeys'),
      cookieKeys: find('cookieKeys'),
      passwordKeys: find('passwordKeys'),
    },
    toKeep: allGiven || present !== undefined ? undefined : brought,
  };
}

function areEqual(one: SecretTexts, other: SecretTexts): boolean {
  return secretNames.every((name) => one[name] === other[name]);
}
