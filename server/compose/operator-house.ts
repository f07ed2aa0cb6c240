import { makeWinstonLog } from '../../adapters/logging/winston.ts';
import type { OpenOperatorHouse } from '../cli/ports.ts';
import { makeHouse } from './house.ts';
import { openStorage } from './storage.ts';

/** The house for one command of the CLI: through a running server's database where there is one. */
export const openOperatorHouse: OpenOperatorHouse = async ({ config }) => {
  const storage = await openStorage(config, { besideServer: true });
  // What a command prints is its result; only warnings belong beside it.
  const log = makeWinstonLog({ level: 'warn', format: 'text', stream: process.stderr });
  const house = makeHouse(config, storage, log);
  return {
    accounts: {
      create: house.createAccount,
      list: house.accounts.list,
      find: house.accounts.find,
      findByLoginName: house.accounts.findByLoginName,
    },
    clients: {
      create: house.createClient,
      list: house.clients.list,
      find: house.clients.find,
      delete: house.deleteClient,
    },
    migrations: storage.migrator,
    close: storage.close,
  };
};
