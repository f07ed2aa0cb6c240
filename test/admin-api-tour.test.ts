import { execFile } from 'node:child_process';
import { readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  cleanEnvironment,
  projectFolder,
  type RunningGatehouse,
  startGatehouse,
} from './support/gatehouse.ts';
import { makeTempDir } from './support/temp-dir.ts';

const run = promisify(execFile);
const manual = readFileSync(join(projectFolder, 'docs/admin-api.md'), 'utf8');
const examples = [...manual.matchAll(/^```sh\n([\s\S]*?)^```$/gm)].map(([, code]) => code ?? '');

/** Between the answers of two examples. */
const cut = '\n--- next ---\n';

describe('a day with the admin API', () => {
  let server: RunningGatehouse;
  let folder: string;
  let answers: string[];
  /** As somebody would who pastes one after the other into one shell. */
  beforeAll(async () => {
    server = await startGatehouse();
    folder = (await makeTempDir('admin-api')).path;
    for (const name of ['node_modules', 'package.json', 'server'])
      symlinkSync(join(projectFolder, name), join(folder, name));
    const script = examples.join(`\nprintf '${cut.replaceAll('\n', '\\n')}'\n`);
    const { stdout } = await run(
      'bash',
      ['-euo', 'pipefail', '-c', script.replaceAll('localhost:3000', `localhost:${server.port}`)],
      {
        cwd: folder,
        env: cleanEnvironment({
          GATEHOUSE_DATA_DIR: server.dataDir,
          GATEHOUSE_PORT: String(server.port),
        }),
      },
    );
    answers = stdout.split(cut);
  }, 120_000);
  afterAll(() => server?.dispose());

  const answer = (number: number): unknown => JSON.parse(answers[number] ?? '');
  const saved = (name: string): unknown => JSON.parse(readFileSync(join(folder, name), 'utf8'));

  it('has an answer to each example', () => {
    expect(answers).toHaveLength(examples.length);
    expect(examples.length).toBeGreaterThan(8);
  });

  it('makes a second secret, tells of both, and ends the first', () => {
    expect(saved('november.json')).toMatchObject({
      description: 'November',
      client_secret: expect.stringMatching(/^[\w-]{43}$/),
    });
    expect(answer(2)).toMatchObject({
      items: [
        { status: 'active', expires_at: expect.any(Number) },
        { description: 'November', expires_at: null },
      ],
    });
    expect(answers[3]?.trim()).toBe('');
  });

  it('closes an account with a reason, opens it, and has it deleted later', () => {
    expect(answer(4)).toMatchObject({ disabled_reason: 'Left the company' });
    expect(saved('enabled.json')).toMatchObject({ status: 'active' });
    expect(answer(5)).toMatchObject({ status: 'disabled' });
  });

  it('ends what an app has', () => {
    expect(answers[6]?.match(/"ended":0/g)).toHaveLength(2);
  });

  it('changes settings and takes that back', () => {
    expect(saved('settings.json')).toMatchObject({ items: [{ runtime: true }, {}, {}] });
    expect(saved('changed.json')).toMatchObject({
      items: expect.arrayContaining([
        expect.objectContaining({ name: 'SIGN_UP', value: 'domains', source: 'runtime' }),
      ]),
    });
    expect(answer(7)).toMatchObject({ items: [{ value: 'open' }, { value: null }] });
  });

  it('runs several operations as a job', () => {
    expect(saved('job.json')).toMatchObject({ state: 'waiting', total: 2 });
  });

  it('shows keys and dead deliveries', () => {
    expect(answer(9)).toMatchObject({ items: [{ use: 'sig' }, {}, {}] });
    expect(answer(10)).toEqual({ items: [], next: null });
  });
});
