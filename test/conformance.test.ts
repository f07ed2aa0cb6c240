import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { scenarios } from '../conformance/scenarios/all.ts';
import { openWorld } from '../conformance/world.ts';
import {
  cleanEnvironment,
  projectFolder,
  type RunningGatehouse,
  startGatehouse,
} from './support/gatehouse.ts';
import { startKept } from './support/kept-process.ts';

describe('software of others', () => {
  let server: RunningGatehouse;
  let world: Awaited<ReturnType<typeof openWorld>>;
  beforeAll(async () => {
    server = await startGatehouse();
    const { clientId, clientSecret } = server.bootstrap;
    const issuer = new URL(server.issuer);
    world = await openWorld({ issuer, operatorId: clientId, operatorSecret: clientSecret });
  });
  afterAll(async () => {
    await world.close();
    await server.dispose();
  });

  it.each(scenarios.map(({ name, run }) => [name, run] as const))('sees that %s', (_name, run) => run(world));
});

describe('software of others, at an issuer below a path and on PostgreSQL', () => {
  let server: RunningGatehouse;
  beforeAll(async () => {
    server = await startGatehouse({ issuerPath: '/auth', database: 'postgres' });
  });
  afterAll(() => server.dispose());

  it('sees the same, by the program that anybody may run', async () => {
    const run = startKept(process.execPath, ['conformance/run.ts'], {
      cwd: projectFolder,
      env: cleanEnvironment({
        ISSUER: server.issuer,
        OPERATOR_ID: server.bootstrap.clientId,
        OPERATOR_SECRET: server.bootstrap.clientSecret,
      }),
    });
    await run.ended;
    expect(run.output()).toMatch(new RegExp(`^${scenarios.length} passed, 0 failed$`, 'm'));
    // It has tidied up behind itself: the administrator is the only person left.
    expect((await server.admin('GET', 'users')).body.items).toHaveLength(1);
  });
});
