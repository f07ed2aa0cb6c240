/**
 * The README's start command, as a stranger runs it: a fresh data directory, an administrator by the link that is printed,
 * a sign-in through the pages, the end, and a second start. Run by .ci/run; ends with a line `N passed, N failed`.
 */
import { randomBytes } from 'node:crypto';
import { freePort } from './support/free-port.ts';
import { cleanEnvironment, projectFolder } from './support/gatehouse.ts';
import setUp from './support/global-setup.ts';
import { releaseKeeper } from './support/keeper-handle.ts';
import { type KeptProcess, startKept } from './support/kept-process.ts';
import { makePerson } from './support/person.ts';
import { accountPage, makeRelyingParty } from './support/relying-party.ts';
import { makeTempDir } from './support/temp-dir.ts';
import { waitFor } from './support/wait-for.ts';

const who = { username: 'somebody@example.org', password: randomBytes(12).toString('base64url') };
const counts = { passed: 0, failed: 0 };

await setUp();
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.on(signal, () => void releaseKeeper().then(() => process.exit(1)));
try {
  await smoke(await makeStart());
} catch (error) {
  counts.failed += 1;
  console.error(error instanceof Error ? error.message : error);
}
await releaseKeeper();
console.log(`${counts.passed} passed, ${counts.failed} failed`);
process.exitCode = counts.failed === 0 ? 0 : 1;

async function smoke(start: () => Promise<Started>): Promise<void> {
  let server = await start();
  await step('npm start is ready and prints a one-time link for the first administrator', () =>
    expectTrue(server.link() !== undefined, server),
  );
  await step('the link makes an administrator, once', () => becomeAdministrator(server));
  await step('the administrator signs in to the account page', () => signIn(server));
  await step('SIGTERM ends it with exit code 0', () => end(server));
  server = await start();
  await step('the second start prints no link, for there is an administrator', () =>
    expectTrue(server.link() === undefined, server),
  );
  await step('the same person signs in again', () => signIn(server));
  await step('SIGTERM ends it with exit code 0 again', () => end(server));
}

async function step(sentence: string, act: () => void | Promise<void>): Promise<void> {
  await act();
  counts.passed += 1;
  console.log(`ok      ${sentence}`);
}

interface Started {
  issuer: string;
  process: KeptProcess;
  /** The one-time link, as it was printed. */
  link(): string | undefined;
}

/** `npm start` with its own folder and ports, so that it meets no server that somebody has running. */
async function makeStart(): Promise<() => Promise<Started>> {
  const [port, managementPort] = [await freePort(), await freePort()];
  const env = cleanEnvironment({
    GATEHOUSE_PORT: String(port),
    GATEHOUSE_MANAGEMENT_PORT: String(managementPort),
    GATEHOUSE_DATA_DIR: (await makeTempDir('smoke')).path,
  });
  return async () => {
    const server = startKept('npm', ['start'], { cwd: projectFolder, env, detached: true });
    const issuer = `http://localhost:${port}`;
    await waitFor(
      'npm start was ready',
      async () => {
        if (!server.alive())
          throw new Error(`npm start ended with ${await server.ended}:\n${server.output()}`);
        return fetch(`http://127.0.0.1:${managementPort}/readyz`).then(
          ({ ok }) => ok,
          () => false,
        );
      },
      { within: 60_000 },
    );
    const link = () => new RegExp(`${issuer}/first-admin\\?\\S+`).exec(server.output())?.[0];
    return { issuer, process: server, link };
  };
}

async function becomeAdministrator(server: Started): Promise<void> {
  const person = makePerson(server.issuer);
  const link = server.link() ?? '';
  await person.visit(link);
  const done = await person.submit({ email: who.username, password: who.password });
  expectTrue(done.kind === 'page' && done.status === 201, server);
  const again = await makePerson(server.issuer).visit(link);
  expectTrue(again.kind === 'page' && again.status === 404, server);
}

async function signIn(server: Started): Promise<void> {
  const app = makeRelyingParty(server.issuer, accountPage(server.issuer));
  const { body } = await app.signIn(makePerson(server.issuer), who);
  const userinfo = await app.userinfo(body.access_token ?? '');
  expectTrue(userinfo.body.email === who.username, server);
}

async function end(server: Started): Promise<void> {
  server.process.send('SIGTERM');
  await waitFor('npm start and the server below it have ended', () => !server.process.alive(), {
    within: 10_000,
  });
  expectTrue((await server.process.ended) === 0, server);
  await expectGone(server);
}

/** npm must not have left the server behind. */
async function expectGone({ issuer }: Started): Promise<void> {
  const answers = await fetch(`${issuer}/healthz`).then(
    () => true,
    () => false,
  );
  if (answers) throw new Error('npm start has ended, but the server still answers.');
}

function expectTrue(isTrue: boolean, server: Started): void {
  if (!isTrue)
    throw new Error(`FAILED  the step after those above. The server has said:\n${server.process.output()}`);
}
