import { expect, it } from '@jest/globals';
import { z } from 'zod';
import { shownOnce, withoutSecrets } from '../../../../server/http/api/shown-once.ts';

const secret = z.strictObject({ id: z.string(), value: shownOnce('The secret') });
const view = z
  .strictObject({
    name: z.string(),
    own: shownOnce('A secret').optional(),
    nested: secret.nullable(),
    list: z.array(secret),
    either: z.union([z.int(), secret]),
    byName: z.record(z.string(), secret),
  })
  .meta({ id: 'ViewWithSecrets' });

it('takes secrets out wherever their schema says that they are', () => {
  const one = { id: 'a', value: 'hush' };
  const body = { name: 'x', own: 'hush', nested: one, list: [one, one], either: one, byName: { y: one } };
  const shown = withoutSecrets(z.strictObject({ items: z.array(view) }), { items: [body] });
  expect(JSON.stringify(shown)).not.toContain('hush');
  const hidden = { id: 'a', value: expect.stringContaining('dry run') };
  expect(shown).toEqual({
    items: [
      {
        name: 'x',
        own: expect.stringContaining('dry run'),
        nested: hidden,
        list: [hidden, hidden],
        either: hidden,
        byName: { y: hidden },
      },
    ],
  });
});

it('leaves everything else as it is', () => {
  const body = { name: 'x', nested: null, list: [], either: 7, byName: {} };
  expect(withoutSecrets(view, body)).toEqual(body);
  expect(withoutSecrets(undefined, undefined)).toBeUndefined();
});
