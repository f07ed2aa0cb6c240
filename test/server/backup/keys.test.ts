import { randomBytes } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { checkOf, refuseOtherKeys } from '../../../server/backup/key-check.ts';
import { chooseSecrets, type Secrets, type SecretTexts } from '../../../server/backup/secrets.ts';
import { parseKeyList } from '../../../server/keys/key-list.ts';

const makeTexts = (): SecretTexts => {
  const key = () => randomBytes(32).toString('base64url');
  return { encryptionKeys: key(), cookieKeys: key(), passwordKeys: key() };
};
const parse = (texts: SecretTexts): Secrets => ({
  encryptionKeys: parseKeyList(texts.encryptionKeys),
  cookieKeys: parseKeyList(texts.cookieKeys),
  passwordKeys: parseKeyList(texts.passwordKeys),
});
const [theirs, ours] = [makeTexts(), makeTexts()];
const nothing = { given: {}, brought: undefined, present: undefined };

describe('the secrets of a restored server', () => {
  it('are those of the backup, which are kept, where there are no others', () => {
    expect(chooseSecrets({ ...nothing, brought: theirs })).toEqual({
      secrets: parse(theirs),
      toKeep: theirs,
    });
  });

  it('are those that are there already', () => {
    const known = { secrets: parse(theirs), toKeep: undefined };
    expect(chooseSecrets({ ...nothing, present: theirs })).toEqual(known);
    expect(chooseSecrets({ ...nothing, present: theirs, brought: { ...theirs } })).toEqual(known);
  });

  it('are those of the settings before all others', () => {
    const chosen = chooseSecrets({ given: parse(ours), brought: theirs, present: makeTexts() });
    expect(chosen).toEqual({ secrets: parse(ours), toKeep: undefined });
  });

  it('may come from the settings in part', () => {
    const { passwordKeys } = parse(ours);
    const chosen = chooseSecrets({ ...nothing, given: { passwordKeys }, brought: theirs });
    expect(chosen).toEqual({ secrets: { ...parse(theirs), passwordKeys }, toKeep: theirs });
  });

  it('are not mixed up with those of another server', () => {
    const attempt = () => chooseSecrets({ ...nothing, brought: theirs, present: ours });
    expect(attempt).toThrow(
      'has secrets already, and they are not those of the backup. Nothing was changed.',
    );
  });

  it('are asked for where there are none', () => {
    const attempt = () =>
      chooseSecrets({ ...nothing, given: { encryptionKeys: parse(ours).encryptionKeys } });
    expect(attempt).toThrow('The backup was made without secrets, and GATEHOUSE_COOKIE_KEYS is not set.');
  });
});

describe('the keys of a backup', () => {
  const had = checkOf(parse(theirs));

  it('say nothing about themselves', () => {
    const said = JSON.stringify(had);
    for (const text of Object.values(theirs)) expect(said).not.toContain(text);
    expect(had.cookieKeys).toEqual([
      { id: expect.stringMatching(/^[0-9a-f]{8}$/), check: expect.stringMatching(/^[0-9a-f]{32}$/) },
    ]);
  });

  it('may stand among others', () => {
    const [fresh] = parse(ours).encryptionKeys;
    const known = parse(theirs);
    const more = fresh === undefined ? [] : [fresh, ...known.encryptionKeys];
    expect(() => refuseOtherKeys(had, { ...known, encryptionKeys: more })).not.toThrow();
  });

  it.each([
    ['encryptionKeys', 'GATEHOUSE_ENCRYPTION_KEYS'],
    ['cookieKeys', 'GATEHOUSE_COOKIE_KEYS'],
    ['passwordKeys', 'GATEHOUSE_PASSWORD_KEYS'],
  ] as const)('are missed when %s are others, even by the same id', (name, setting) => {
    const [key] = parse(theirs)[name];
    const impostor = [{ id: key?.id ?? '', key: randomBytes(32) }];
    expect(() => refuseOtherKeys(had, { ...parse(theirs), [name]: impostor })).toThrow(
      expect.objectContaining({
        exitCode: 78,
        message: expect.stringMatching(
          new RegExp(
            `^These are not the keys .* Nothing was changed\\.\n${setting} lacks the key ${key?.id}: [^\n]*$`,
          ),
        ),
      }),
    );
  });
});
