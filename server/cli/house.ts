import { userInfo } from 'node:os';
import type { Actor } from '../audit/event.ts';
import { readConfiguration } from '../config/read.ts';
import { StartError } from '../errors.ts';
import type { OpenOperatorBackups } from './backup-ports.ts';
import type { CliContext } from './context.ts';
import type { OpenOperatorHouse, OperatorHouse } from './ports.ts';
import type { Terminal } from './terminal.ts';

/** The context of a real run. Openers are loaded when a command needs one, for that loads most of the program. */
export function makeContext(
  terminal: Terminal,
  loadOpener: () => Promise<OpenOperatorHouse>,
  loadBackups: () => Promise<OpenOperatorBackups>,
): CliContext {
  const withAnySchema: CliContext['withAnySchema'] = async (work) => {
    const configuration = readConfiguration();
    const open = await loadOpener();
    const house = await open(configuration);
    try {
      return await work(house);
    } finally {
      await house.close();
    }
  };
  const operator = whoami();
  return {
    terminal,
    readConfiguration,
    withAnySchema,
    withHouse: (work) =>
      withAnySchema(async (house) => {
        await fitSchema(house, operator);
        return work(house);
      }),
    openBackups: async () => {
      const configuration = readConfiguration();
      return (await loadBackups())(configuration);
    },
    operator,
  };
}

/** A new database gets its schema, as at the first start of the server; one that is in use is never changed in passing. */
async function fitSchema({ migrations }: OperatorHouse, by: Actor): Promise<void> {
  const { current, known } = await migrations.status();
  // `up` on a schema that is newer refuses with the words for that.
  if (current === 0 || current > known) await migrations.up(by);
  else if (current < known) {
    throw new StartError(
      `The database has schema version ${current}, this program needs ${known}.`,
      'Run: npx gatehouse migrate',
    );
  }
}

function whoami(): Actor {
  try {
    return { kind: 'operator', id: userInfo().username };
  } catch {
    // In a container the user may have a number and no name.
    return { kind: 'operator', id: `uid ${process.getuid?.() ?? 'unknown'}` };
  }
}
