/** `npm test`: sees to what npm does not bring, runs Jest with the arguments given, and ends with one line of counts. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { type Requirement, requirements } from './support/requirements.ts';

const projectFolder = fileURLToPath(new URL('..', import.meta.url));
const jest = createRequire(import.meta.url).resolve('jest/bin/jest');

const missing = provide(requirements.filter(({ find }) => find() === undefined));
for (const { name, what, debianPackage, elsewhere } of missing) {
  console.error(`Missing: ${name} (${what}).`);
  console.error(`  Debian, Ubuntu: apt-get install ${debianPackage}`);
  console.error(`  ${elsewhere}`);
}
if (missing.length > 0) console.log('The tests use these real parts and skip nothing, so none was run.');
report(missing.length > 0 ? { passed: 0, failed: missing.length } : await runJest(process.argv.slice(2)));

/** Installs what it may, and returns what is still missing. */
function provide(wanted: readonly Requirement[]): readonly Requirement[] {
  if (wanted.length === 0 || process.getuid?.() !== 0 || !hasApt()) return wanted;
  const packages = wanted.map(({ debianPackage }) => debianPackage);
  console.log(`Installing with apt-get: ${packages.join(' ')}`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  for (const args of [
    ['-qq', 'update'],
    ['-qq', '-y', 'install', '--no-install-recommends', ...packages],
  ]) {
    // Its many words are of interest only when it fails.
    const { status, stdout, stderr } = spawnSync('apt-get', args, { env, encoding: 'utf8' });
    if (status !== 0) console.error(`apt-get ${args.join(' ')} failed:\n${stdout ?? ''}${stderr ?? ''}`);
  }
  return wanted.filter(({ find }) => find() === undefined);
}

function hasApt(): boolean {
  return (
    existsSync('/usr/bin/apt-get') && /\b(?:debian|ubuntu)\b/.test(readFileSync('/etc/os-release', 'utf8'))
  );
}

interface Counts {
  passed: number;
  failed: number;
}

/** Runs Jest to its end, also when this process is told to stop. */
async function runJest(args: string[]): Promise<Counts> {
  // Jest runs ES modules by an interface of Node that is marked experimental; saying so in each worker helps nobody.
  const flags = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning'];
  const child = spawn(process.execPath, [...flags, jest, ...args], {
    cwd: projectFolder,
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
  });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => child.kill(signal));
  // Nothing is heard from a Jest that did not get as far as its reporter (test/support/count-reporter.js).
  let counts: Counts = { passed: 0, failed: 1 };
  child.on('message', (message) => {
    counts = message as Counts;
  });
  const [code] = await once(child, 'close');
  return code === 0 ? counts : { ...counts, failed: Math.max(counts.failed, 1) };
}

function report({ passed, failed }: Counts): void {
  console.log(`${passed} passed, ${failed} failed`);
  process.exitCode = failed === 0 && passed > 0 ? 0 : 1;
}
