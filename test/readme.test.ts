import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { freePort } from './support/free-port.ts';
import {
  cleanEnvironment,
  projectFolder,
  type RunningGatehouse,
  startGatehouse,
} from './support/gatehouse.ts';
import { makePerson } from './support/person.ts';
import { makeTempDir } from './support/temp-dir.ts';

const run = promisify(execFile);
const readme = readFileSync(join(projectFolder, 'README.md'), 'utf8');

/** The code blocks of one language below one heading, in their order. */
function blocks(heading: string, language: string): string[] {
  const section = readme.split(/^## /m).find((part) => part.startsWith(heading)) ?? '';
  return [...section.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\`$`, 'gm'))].map(
    ([, code]) => code ?? '',
  );
}

describe('the README', () => {
  let server: RunningGatehouse;
  let folder: string;
  let appPort: number;

  /** The examples name the default ports; the test has its own. */
  const atOurPorts = (text: string): string =>
    text
      .replaceAll('localhost:3000', `localhost:${server.port}`)
      .replaceAll(/(localhost:|listen\()4000/g, `$1${appPort}`);

  /** Runs a shell example as somebody would who pastes it, in a folder from where the project's commands are found. */
  async function paste(script: string): Promise<string> {
    const environment = cleanEnvironment({
      GATEHOUSE_DATA_DIR: server.dataDir,
      GATEHOUSE_PORT: String(server.port),
    });
    const { stdout } = await run('bash', ['-euo', 'pipefail', '-c', atOurPorts(script)], {
      cwd: folder,
      env: environment,
    });
    return stdout;
  }

  beforeAll(async () => {
    server = await startGatehouse();
    appPort = await freePort();
    folder = (await makeTempDir('readme')).path;
    for (const name of ['node_modules', 'package.json', 'server'])
      symlinkSync(join(projectFolder, name), join(folder, name));
  });
  afterAll(() => server?.dispose());

  it('begins with the two commands that start the server and run the tests', () => {
    expect(blocks('Start', 'sh')).toEqual(['npm ci && npm start\n']);
    expect(readme).toContain('`npm ci && npm test`');
  });

  it('has an operator register an app and a person with the commands as they stand', async () => {
    const [token = '', registration = ''] = blocks('Operate it', 'sh');
    const created = await paste(`${token}\n${registration}`);
    expect(JSON.parse(created)).toMatchObject({
      email: 'person@example.org',
      given_name: 'Pat',
      email_verified: true,
    });
    expect(JSON.parse(readFileSync(join(folder, 'my-app.json'), 'utf8'))).toMatchObject({
      client_id: 'my-app',
      client_secret: expect.stringMatching(/^[\w-]{43}$/),
    });
  });

  it('has that person signed in to the app with the code as it stands', async () => {
    const [code = ''] = blocks('Sign people in', 'js');
    writeFileSync(join(folder, 'app.mjs'), atOurPorts(code));
    const app = spawn(process.execPath, ['app.mjs'], { cwd: folder, stdio: ['ignore', 'pipe', 'inherit'] });
    try {
      await once(app.stdout, 'data');
      const start = await fetch(`http://localhost:${appPort}/`, { redirect: 'manual' });
      const person = makePerson(server.issuer);
      await person.visit(start.headers.get('location') ?? '');
      await person.signIn({ username: 'person@example.org', password: 'a long enough password' });
      expect(person.page().text).toContain('My app');
      const back = await person.submit({}, { button: 'allow' });
      const answer = await fetch(back.url);
      expect(await answer.text()).toBe('Signed in as person@example.org');
    } finally {
      app.kill();
    }
  });

  it('gives a service its token with the commands as they stand', async () => {
    const [commands = ''] = blocks('Give a service', 'sh');
    expect(JSON.parse(await paste(commands))).toMatchObject({ token_type: 'Bearer', expires_in: 600 });
  });

  it.each([...readme.matchAll(/\]\((?!https?:)([^)]+)\)/g)].map(([, path]) => [path ?? '']))(
    'links to %s, which is there',
    (path) => {
      expect(existsSync(join(projectFolder, path))).toBe(true);
    },
  );
});
