import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { decodeJwt } from 'jose';
import { type Account, type App, addAccount, registerApp } from './flows/protocol/app.ts';
import { freePort } from './support/free-port.ts';
import {
  cleanEnvironment,
  projectFolder,
  type RunningGatehouse,
  startGatehouse,
} from './support/gatehouse.ts';
import { exchange } from './support/http.ts';
import { makePerson } from './support/person.ts';
import { makeTempDir } from './support/temp-dir.ts';
import { waitFor } from './support/wait-for.ts';

const run = promisify(execFile);
const page = readFileSync(join(projectFolder, 'docs/resource-servers.md'), 'utf8');

/** The API of the examples. */
const audience = 'https://api.example.com';

/** The code block of one language below one heading. */
function block(heading: string, language: string): string {
  const section = page.split(/^## /m).find((part) => part.startsWith(heading)) ?? '';
  return new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\`$`, 'm').exec(section)?.[1] ?? '';
}

describe('the page about resource servers', () => {
  let server: RunningGatehouse;
  let folder: string;
  let app: App;
  let who: Account;
  const started: ChildProcess[] = [];
  const ports = new Map<string, number>();

  /** The examples as they stand, but with the addresses of this test. */
  const here = (code: string): string =>
    [...ports].reduce(
      (text, [port, ours]) => text.replaceAll(`listen(${port}`, `listen(${ours}`),
      code.replaceAll('http://localhost:3000', server.issuer),
    );

  /** Runs the commands below a heading as somebody would who pastes them; what they say. */
  async function paste(heading: string): Promise<string> {
    const { stdout } = await run('bash', ['-euo', 'pipefail', '-c', here(block(heading, 'sh'))], {
      cwd: folder,
      env: cleanEnvironment({ GATEHOUSE_DATA_DIR: server.dataDir, GATEHOUSE_PORT: String(server.port) }),
    });
    return stdout;
  }

  async function startExample(heading: string, port: string): Promise<(token: string) => Promise<number>> {
    const ours = await freePort();
    ports.set(port, ours);
    const file = `api-${port}.mjs`;
    writeFileSync(join(folder, file), here(block(heading, 'js')));
    started.push(spawn(process.execPath, [file], { cwd: folder, stdio: ['ignore', 'ignore', 'inherit'] }));
    const ask = async (token: string): Promise<number> => {
      const headers = { authorization: `Bearer ${token}` };
      const { status, text } = await exchange(`http://localhost:${ours}/`, { headers });
      if (status === 200) expect(text).toBe(`Hello ${who.sub}, you may orders:read`);
      return status;
    };
    await waitFor('the example listens', () => ask('nothing').then(Boolean, () => false));
    return ask;
  }

  beforeAll(async () => {
    server = await startGatehouse();
    folder = (await makeTempDir('api')).path;
    for (const name of ['node_modules', 'package.json', 'server'])
      symlinkSync(join(projectFolder, name), join(folder, name));
    app = await registerApp(server, { skip_consent: true });
    who = await addAccount(server, 'person@example.org');
    await paste('Make it known');
  });
  afterAll(async () => {
    for (const example of started) {
      example.kill();
      await once(example, 'exit');
    }
    await server?.dispose();
  });

  async function tokens() {
    const asked = { scope: 'openid orders:read orders:refund', resource: audience };
    const { body } = await app.signIn(makePerson(server.issuer), who, asked);
    const plain = await app.signIn(makePerson(server.issuer), who);
    return {
      good: String(body.access_token),
      id: String(body.id_token),
      other: String(plain.body.access_token),
    };
  }

  it('makes an API known, in the words of the table', () => {
    const made = JSON.parse(readFileSync(join(folder, 'orders-api.json'), 'utf8'));
    expect(made).toMatchObject({
      id: expect.any(String),
      resource: audience,
      access_token_format: 'jwt',
      access_token_ttl: 600,
      clients: '*',
      scope_policy: 'narrow',
      scopes: [
        { name: 'orders:read', restricted: false },
        { name: 'orders:refund', restricted: true },
      ],
    });
    const fields = [...page.matchAll(/^\| `(\w+)[`[]/gm)].map(([, name]) => name ?? '');
    expect(fields.length).toBeGreaterThan(6);
    for (const field of fields) expect(made).toHaveProperty(field);
  });

  it('gets a service its token by the command as it stands', async () => {
    const answer = JSON.parse(await paste('Ask for a token'));
    expect(answer).toMatchObject({ scope: 'orders:read', expires_in: 600, token_type: 'Bearer' });
    expect(decodeJwt(answer.access_token)).toMatchObject({ aud: audience, sub: 'my-worker' });
  });

  it('has an API that verifies tokens itself, which lets a revoked one pass until it expires', async () => {
    const ask = await startExample('Verify it yourself', '4001');
    const { good, id, other } = await tokens();
    const foreign = await server.adminToken();
    for (const bad of ['', 'x', id, other, foreign, `${good}A`]) await expect(ask(bad)).resolves.toBe(401);
    await expect(ask(good)).resolves.toBe(200);
    await app.post('revoke', { token: good });
    await expect(ask(good)).resolves.toBe(200);
  });

  it('has an API that asks, with the command as it stands, which refuses a revoked one at once', async () => {
    await paste('Ask us');
    const ask = await startExample('Ask us', '4002');
    const { good, id, other } = await tokens();
    const foreign = await server.adminToken();
    for (const bad of ['x', id, other, foreign, `${good}A`]) await expect(ask(bad)).resolves.toBe(401);
    await expect(ask(good)).resolves.toBe(200);
    await app.post('revoke', { token: good });
    await expect(ask(good)).resolves.toBe(401);
  });

  it('names flags of the metadata that are there', async () => {
    const { text } = await exchange(`${server.issuer}/.well-known/oauth-authorization-server`);
    const named = [...page.matchAll(/`(\w+_supported)`/g)].map(([, name]) => name ?? '');
    expect(named).toHaveLength(2);
    for (const name of named) expect(JSON.parse(text)).toHaveProperty(name, true);
  });
});
