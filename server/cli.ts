import { makeContext } from './cli/house.ts';
import { runCommandLine } from './cli/program.ts';

/** Entry of `gatehouse <command>`. */
const terminal = { in: process.stdin, out: process.stdout, err: process.stderr };

// `gatehouse ... | head` closes the pipe early; what was to be said has been said.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit(0);
});

const context = makeContext(
  terminal,
  async () => (await import('./compose/operator-house.ts')).openOperatorHouse,
  async () => (await import('./compose/operator-backups.ts')).openOperatorBackups,
);
process.exitCode = await runCommandLine(process.argv.slice(2), context);
