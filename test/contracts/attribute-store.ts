import { beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { AttributeDefinition } from '../../server/accounts/attributes/definition.ts';
import { type AttributeStore, mostAttributes } from '../../server/accounts/attributes/store.ts';
import type { AccountStore } from '../../server/accounts/store.ts';
import { anAccount, aWord, someTime } from './builders.ts';

export function aDefinition(changes: Partial<AttributeDefinition> = {}): AttributeDefinition {
  return {
    name: aWord(),
    displayName: { default: 'Shelf', de: 'Regal' },
    type: 'text',
    rules: { max: 20 },
    personAccess: 'write',
    operatorAccess: 'write',
    requiredAtSignUp: false,
    claim: null,
    ...changes,
  };
}

const stored = (definition: AttributeDefinition) => ({
  definition,
  createdAt: someTime,
  updatedAt: someTime,
  version: 1,
});

interface Opened {
  attributes: AttributeStore & { removeValues(now: Date, most: number): Promise<number> };
  accounts: AccountStore;
}

/** The promises of the port AttributeStore. */
export function describeAttributeStore(name: string, open: () => Opened): void {
  describe(`${name}: attributes of people`, () => {
    let attributes: Opened['attributes'];
    let accounts: AccountStore;
    beforeAll(() => {
      ({ attributes, accounts } = open());
    });
    beforeEach(async () => {
      for (const { definition, version } of await attributes.list())
        await attributes.remove(definition.name, version, someTime);
      const later = new Date(someTime.getTime() + 61_000);
      for (let round = 0; round < 200; round += 1) await attributes.removeValues(later, 100);
    });

    it('are kept as they are, oldest first', async () => {
      const first = { ...stored(aDefinition({ claim: { name: 'shelf', scope: 'library' } })) };
      const second = { ...stored(aDefinition()), createdAt: new Date(someTime.getTime() + 1000) };
      await expect(attributes.insert(second)).resolves.toEqual({ kind: 'written' });
      await expect(attributes.insert(first)).resolves.toEqual({ kind: 'written' });
      await expect(attributes.list()).resolves.toEqual([first, second]);
      await expect(attributes.find(first.definition.name)).resolves.toEqual(first);
      await expect(attributes.find(aWord())).resolves.toBeUndefined();
    });

    it('have names and claims of their own, whoever is first', async () => {
      const claim = { name: 'shelf', scope: 'library' };
      const names = Array.from({ length: 5 }, () =>
        attributes.insert(stored(aDefinition({ name: 'shelf_of' }))),
      );
      const kinds = (await Promise.all(names)).map(({ kind }) => kind);
      expect(kinds.toSorted()).toEqual([...Array.from({ length: 4 }, () => 'name_taken'), 'written']);
      await attributes.insert(stored(aDefinition({ claim })));
      await expect(attributes.insert(stored(aDefinition({ claim })))).resolves.toEqual({
        kind: 'claim_taken',
      });
      const other = stored(aDefinition());
      await attributes.insert(other);
      const wants = { ...other, definition: { ...other.definition, claim } };
      await expect(attributes.update(wants, 1)).resolves.toEqual({ kind: 'claim_taken' });
    });

    it('are changed in the version that was read', async () => {
      const one = stored(aDefinition());
      await attributes.insert(one);
      const changed = { ...one, definition: { ...one.definition, rules: { max: 5 } }, version: 2 };
      await expect(attributes.update(changed, 2)).resolves.toEqual({ kind: 'stale' });
      await expect(attributes.update(changed, 1)).resolves.toEqual({ kind: 'written' });
      await expect(attributes.find(one.definition.name)).resolves.toEqual(changed);
      await expect(attributes.update(stored(aDefinition()), 1)).resolves.toEqual({ kind: 'missing' });
      await expect(attributes.remove(one.definition.name, 1, someTime)).resolves.toBe(false);
      await expect(attributes.remove(one.definition.name, 2, someTime)).resolves.toBe(true);
      await expect(attributes.remove(one.definition.name, 2, someTime)).resolves.toBe(false);
    });

    it(`are ${mostAttributes} at most`, async () => {
      for (let count = 0; count < mostAttributes; count += 1)
        await expect(attributes.insert(stored(aDefinition()))).resolves.toEqual({ kind: 'written' });
      await expect(attributes.insert(stored(aDefinition()))).resolves.toEqual({ kind: 'too_many' });
    });

    it('take their values with them, a while after they are gone, and only then the name is free', async () => {
      const gone = stored(aDefinition({ claim: { name: 'shelf', scope: 'library' } }));
      const stays = stored(aDefinition());
      await attributes.insert(gone);
      await attributes.insert(stays);
      const { name } = gone.definition;
      const values = { [name]: 'A 1', [stays.definition.name]: 'B 2' };
      const people = Array.from({ length: 3 }, () =>
        anAccount({ profile: { name: 'Ada', attributes: values } }),
      );
      for (const person of people) await accounts.insert(person);
      await attributes.remove(name, 1, someTime);
      const at = (seconds: number) => new Date(someTime.getTime() + seconds * 1000);
      await expect(attributes.removeValues(at(59), 2)).resolves.toBe(0);
      await expect(attributes.removeValues(at(61), 2)).resolves.toBe(2);
      await expect(attributes.insert(gone)).resolves.toEqual({ kind: 'name_taken' });
      await expect(attributes.removeValues(at(61), 2)).resolves.toBe(1);
      await expect(attributes.removeValues(at(61), 2)).resolves.toBe(0);
      for (const { id } of people)
        await expect(accounts.find(id)).resolves.toMatchObject({
          version: 1,
          profile: { name: 'Ada', attributes: { [stays.definition.name]: 'B 2' } },
        });
      await expect(attributes.insert(gone)).resolves.toEqual({ kind: 'written' });
      for (const { id } of people) await accounts.delete(id);
    });
  });
}
