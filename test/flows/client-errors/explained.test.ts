import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { refusalCodes, refusalKinds } from '../../../server/clients/refusals/kinds.ts';
import type { HttpResponse } from '../../support/http.ts';
import { waitFor } from '../../support/wait-for.ts';
import { mistakesOfCallers } from './mistakes-of-callers.ts';
import { mistakesOfClients } from './mistakes-of-clients.ts';
import { type Mistake, mistakesOfRequests } from './mistakes-of-requests.ts';
import { mistakesOfTokens, proofFromThePast } from './mistakes-of-tokens.ts';
import { makeWorld, type World } from './world.ts';

const mistakes: readonly Mistake[] = [
  ...mistakesOfRequests,
  ...mistakesOfClients,
  ...mistakesOfTokens,
  ...mistakesOfCallers,
];

describe.each([
  ['two processes on PostgreSQL', 'postgres'],
  ['the embedded database', 'embedded'],
] as const)('why a client was refused, on %s', (_name, database) => {
  let world: World;
  beforeAll(async () => {
    world = await makeWorld(database);
  }, 120_000);
  afterAll(() => world.dispose());

  /** As an operator finds it, at the other process. */
  const explanationOf = ({ headers }: HttpResponse) =>
    waitFor('the refusal is found', async () => {
      const server = world.servers.at(-1);
      const { body } =
        (await server?.admin('GET', `client-errors?request_id=${String(headers['x-request-id'])}`)) ?? {};
      return body?.items?.[0];
    });

  it.each(mistakes.map((mistake) => [mistake.code, mistake] as const))('says %s', async (code, mistake) => {
    const answer = await mistake.make(world);
    const { cause, remedy } = refusalKinds[code as keyof typeof refusalKinds];
    const told = await explanationOf(answer);
    expect(told).toMatchObject({
      code,
      client_id: mistake.client,
      facts: mistake.facts ?? {},
      cause: expect.stringContaining(mistake.cause ?? cause.split('[')[0]?.trim() ?? ''),
      remedy,
      collective: false,
    });
  });

  it('tells clocks by how much they are wrong', async () => {
    const told = await explanationOf(await proofFromThePast.make(world));
    expect(told).toMatchObject({ code: 'clock_behind', facts: { signed: 'DPoP proof' } });
    expect(String(told.cause)).toMatch(/By 40\d s, in its DPoP proof/);
  });
});

it('names each mistake differently, and only what there is', () => {
  const codes = mistakes.map(({ code }) => code);
  expect(new Set(codes).size).toBe(codes.length);
  expect(refusalCodes).toEqual(expect.arrayContaining(codes));
  expect(codes.length).toBeGreaterThan(50);
});
