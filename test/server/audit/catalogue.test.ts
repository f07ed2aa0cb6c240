import { describe, expect, it } from '@jest/globals';
import { chapters, descriptions } from '../../../server/audit/catalogue/catalogue.ts';
import { exampleOf } from '../../../server/audit/catalogue/example.ts';

describe('the catalogue of events', () => {
  it.each([...descriptions])(
    'describes %s in a sentence, with an example that its own schema takes',
    (_, kind) => {
      expect(kind.doc).toMatch(/^[A-Z].*\.$/);
      expect(kind.fields.safeParse(exampleOf(kind))).toMatchObject({ success: true });
    },
  );

  it('has every kind in a chapter of the manual', () => {
    const told = chapters.flatMap(([, events]) => Object.keys(events));
    expect(told.toSorted()).toEqual([...descriptions.keys()].toSorted());
  });

  it('has names of words with dots, so that a part with `.*` names several', () => {
    for (const type of descriptions.keys()) expect(type).toMatch(/^[a-z_]+(?:\.[a-z_]+)*$/);
  });
});
