/** `npm run check`: everything that can be said about the code without running it, side by side, in seconds. */
import { type SpawnOptions, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

interface Check {
  name: string;
  /** A program of node_modules/.bin or on PATH, then its arguments. */
  command: readonly [string, ...string[]];
  /** What to do about a failure, where the output does not say it. */
  remedy?: string;
}

interface Verdict {
  check: Check;
  passed: boolean;
  seconds: number;
  output: string;
}

const projectFolder = fileURLToPath(new URL('..', import.meta.url));
const inProject = (path: string) => existsSync(new URL(`../${path}`, import.meta.url));

/** Files that are made from code; each is made again and compared. */
const generators = [
  { name: 'manual of settings', file: 'server/config/docs.ts' },
  { name: 'list of audit events', file: 'server/audit/docs.ts' },
  { name: 'description of the admin API', file: 'server/admin/openapi-file.ts' },
].filter(({ file }) => inProject(file));

const compilers = ['.', 'test/browser', 'views/static'].filter((folder) =>
  inProject(`${folder}/tsconfig.json`),
);

const checks: readonly Check[] = [
  {
    name: 'format and lint',
    command: ['biome', 'ci', '--colors=off', '--error-on-warnings', '--max-diagnostics=50', '.'],
    remedy: 'npx biome check --write .',
  },
  { name: 'lint with types', command: ['oxlint', '--type-aware', '--deny-warnings'] },
  ...compilers.map(
    (folder): Check => ({ name: `types of ${folder}`, command: ['tsc', '--noEmit', '-p', folder] }),
  ),
  {
    name: 'rules of the house',
    command: [
      process.execPath,
      '--experimental-vm-modules',
      '--disable-warning=ExperimentalWarning',
      'test/support/architecture.ts',
    ],
  },
  ...generators.map(
    ({ name, file }): Check => ({
      name: `fresh ${name}`,
      command: [process.execPath, file, '--check'],
      remedy: 'npm run generate',
    }),
  ),
];

const began = performance.now();
const verdicts = await Promise.all(
  checks.map(async (check) => {
    const verdict = await carryOut(check);
    console.log(`${verdict.passed ? 'ok    ' : 'FAILED'} ${seconds(verdict.seconds)}  ${check.name}`);
    return verdict;
  }),
);
const failures = verdicts.filter(({ passed }) => !passed);
for (const { check, output } of failures) {
  console.error(`\n--- ${check.name}: ${check.command.slice(0, 2).join(' ')} ---\n${output.trim()}`);
  if (check.remedy !== undefined) console.error(`\nTo mend it: ${check.remedy}`);
}
console.log(`all in ${seconds((performance.now() - began) / 1000).trim()}`);
console.log(`${verdicts.length - failures.length} passed, ${failures.length} failed`);
process.exitCode = failures.length === 0 ? 0 : 1;

async function carryOut(check: Check): Promise<Verdict> {
  const [program, ...args] = check.command;
  const start = performance.now();
  const options: SpawnOptions = { cwd: projectFolder, stdio: ['ignore', 'pipe', 'pipe'], env: environment() };
  const child = spawn(program, args, options);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (chunk: string) => {
      output += chunk;
    });
  }
  const code = await once(child, 'close').then(
    ([exitCode]) => exitCode,
    (error: Error) => {
      output += error.message;
      return 1;
    },
  );
  return { check, passed: code === 0, seconds: (performance.now() - start) / 1000, output };
}

/** npm puts the folder of programs on PATH; who runs this file directly gets it too. */
function environment(): NodeJS.ProcessEnv {
  const programs = fileURLToPath(new URL('../node_modules/.bin', import.meta.url));
  return { ...process.env, PATH: `${programs}:${process.env.PATH ?? ''}`, NO_COLOR: '1' };
}

function seconds(value: number): string {
  return `${value.toFixed(1)} s`.padStart(7);
}
