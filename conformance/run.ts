/** `npm run conformance`: every scenario against the server at ISSUER; ends with a line `N passed, N failed`. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { scenarios } from './scenarios/all.ts';
import { openWorld, type World } from './world.ts';

const { ISSUER: issuer, OPERATOR_ID: operatorId, OPERATOR_SECRET: operatorSecret } = process.env;

if (issuer === undefined) {
  process.exitCode = await runAgainstOwnServer();
} else if (operatorId === undefined || operatorSecret === undefined) {
  console.error(
    'OPERATOR_ID and OPERATOR_SECRET are missing: a client with the scopes clients:write and users:write.',
  );
  process.exitCode = 2;
} else {
  const world = await openWorld({ issuer: new URL(issuer), operatorId, operatorSecret });
  try {
    process.exitCode = (await runAll(world)) ? 0 : 1;
  } finally {
    await world.close();
  }
}

async function runAll(world: World): Promise<boolean> {
  let failed = 0;
  for (const { name, run } of scenarios) {
    try {
      await run(world);
      console.log(`ok      ${name}`);
    } catch (error) {
      failed += 1;
      console.log(`FAILED  ${name}\n${error instanceof Error ? error.stack : String(error)}`);
    }
  }
  console.log(`${scenarios.length - failed} passed, ${failed} failed`);
  return failed === 0;
}

/** The tests know how to start one; nothing in here does. */
async function runAgainstOwnServer(): Promise<number> {
  const args = ['test/run.ts', 'test/conformance.test.ts'];
  const cwd = fileURLToPath(new URL('..', import.meta.url));
  const [code] = await once(spawn(process.execPath, args, { cwd, stdio: 'inherit' }), 'close');
  return code ?? 1;
}
