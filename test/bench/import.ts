import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { gatehouse } from '../cli/gatehouse-command.ts';
import { cleanEnvironment, projectFolder } from '../support/gatehouse.ts';
import { makePostgresServer } from '../support/postgres-server.ts';
import { readRows } from '../support/rows.ts';
import { makeTempDir } from '../support/temp-dir.ts';
import { table } from './document.ts';
import { cpuOf, median, residentOf } from './measure.ts';

export interface ImportCost {
  users: number;
  /** Bytes of the file. */
  size: number;
  /** `load`: of the machine at the end, everything else that it does included. */
  runs: { seconds: number; cpu: number; resident: number; load: number }[];
}

const rounds = 3;
/** As a server that is meant to keep what it has acknowledged. */
const settings = { fsync: 'on', full_page_writes: 'on', shared_buffers: '128MB' };

/** Imports a file of people into an empty PostgreSQL, as an operator does it: a process that is started, and ends. */
export async function measureImport(users: number, say: (line: string) => void): Promise<ImportCost> {
  const folder = (await makeTempDir('import')).path;
  const file = join(folder, 'users.jsonl');
  await writeUsers(file, users);
  const runs: ImportCost['runs'] = [];
  for (let round = 0; round < rounds; round += 1) {
    const postgres = await makePostgresServer({ settings });
    try {
      const { url, superuserUrl } = postgres.database;
      const environment = { GATEHOUSE_DATABASE_URL: url, GATEHOUSE_DATA_DIR: join(folder, 'data') };
      const migrated = await gatehouse(environment, ['migrate']);
      if (migrated.code !== 0) throw new Error(migrated.err);
      const run = await timeImport(environment, file);
      const [row] = await readRows<{ n: number }>(superuserUrl, 'select count(*)::int as n from account');
      if (row?.n !== users) throw new Error(`${row?.n} of ${users} were imported`);
      say(`${run.seconds.toFixed(1)} s, ${Math.round(users / run.seconds)} a second`);
      runs.push(run);
    } finally {
      await postgres.dispose();
    }
  }
  return { users, size: (await stat(file)).size, runs };
}

async function timeImport(
  environment: Record<string, string>,
  file: string,
): Promise<ImportCost['runs'][number]> {
  const began = performance.now();
  const args = ['server/gatehouse.js', 'import', 'users', '--format', 'gatehouse', file];
  const child = spawn(process.execPath, args, { cwd: projectFolder, env: cleanEnvironment(environment) });
  const said = text(child.stderr);
  let cpu = 0;
  let resident = 0;
  const look = setInterval(() => {
    if (child.pid === undefined || child.exitCode !== null) return;
    cpu = Math.max(cpu, cpuOf(child.pid));
    resident = Math.max(resident, residentOf(child.pid));
  }, 50);
  const [code] = await once(child, 'exit');
  clearInterval(look);
  if (code !== 0) throw new Error(await said);
  const [load = Number.NaN] = loadavg();
  return { seconds: (performance.now() - began) / 1000, cpu: cpu / 1000, resident, load };
}

/** With everything that a person usually has: address, user name, four claims, a bcrypt hash. */
async function writeUsers(file: string, users: number): Promise<void> {
  const stream = createWriteStream(file);
  for (let index = 0; index < users; index += 1) {
    const line = JSON.stringify({
      email: `person.${index}@example.org`,
      email_verified: true,
      preferred_username: `person-${index}`,
      name: `Person Number ${index}`,
      given_name: 'Person',
      family_name: `Number ${index}`,
      locale: 'en-GB',
      created_at: 1_600_000_000 + index,
      password_hash: `$2b$10$${String(index).padStart(22, 'a')}${'b'.repeat(31)}`,
    });
    if (!stream.write(`${line}\n`)) await once(stream, 'drain');
  }
  stream.end();
  await once(stream, 'finish');
}

export function describeImport({ users, size, runs }: ImportCost): string {
  const all = runs.map((run) => run.seconds);
  const seconds = median(all);
  const rate = (taken: number): string => Math.round(users / taken).toLocaleString('en');
  return table(
    ['figure', 'bar', 'measured'],
    [
      [
        `${users.toLocaleString('en')} users with bcrypt hashes (${(size / 1e6).toFixed(0)} MB), users a second`,
        '5,000',
        `${rate(seconds)} (${rate(Math.max(...all))} to ${rate(Math.min(...all))})`,
      ],
      ['The same in seconds, from the start of the process to its end', '20 s', `${seconds.toFixed(1)} s`],
      ['Load of the machine meanwhile', 'none', runs.map(({ load }) => load.toFixed(1)).join(', ')],
      ['CPU of the process', 'none', `${median(runs.map((run) => run.cpu)).toFixed(1)} s`],
      ['Largest resident memory of the process', 'none', `${median(runs.map((run) => run.resident))} MB`],
    ],
  );
}
