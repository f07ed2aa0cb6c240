import { makeWinstonLog } from '../../adapters/logging/winston.ts';
import { foldLoginName } from '../accounts/account.ts';
import { showClient } from '../admin/client-body.ts';
import { showUser, toAccountInput, userBody } from '../admin/user-body.ts';
import type { OpenOperatorHouse, OperatorClients, OperatorUsers } from '../cli/ports.ts';
import { toFieldFaults } from '../field-faults.ts';
import { type House, makeHouse } from './house.ts';
import { operatorImports } from './operator-imports.ts';
import { openStorage } from './storage.ts';

/** The house for one command of the CLI: through a running server's database where there is one. */
export const openOperatorHouse: OpenOperatorHouse = async ({ config }) => {
  const storage = await openStorage(config, { besideServer: true });
  // What a command prints is its result; only warnings belong beside it.
  const log = makeWinstonLog({ level: 'warn', format: 'text', stream: process.stderr });
  const house = makeHouse(config, storage, log);
  return {
    users: operatorUsers(house),
    clients: operatorClients(house),
    migrations: storage.migrator,
    imports: operatorImports(config, storage, house),
    close: storage.close,
  };
};

/** Users in the words of the admin API, checked by its schema. */
function operatorUsers({ accounts, createAccount, unlockAccount }: House): OperatorUsers {
  const findAccount = async (name: string) =>
    (await accounts.find(name)) ?? (await accounts.findByLoginName(foldLoginName(name)));
  return {
    async create({ body, by }) {
      const parsed = userBody.safeParse(body);
      if (!parsed.success) return { kind: 'refused', fields: toFieldFaults(parsed.error) };
      const outcome = await createAccount({ ...toAccountInput(parsed.data), by });
      return outcome.kind === 'created' ? { kind: 'created', user: showUser(outcome.account) } : outcome;
    },
    async list(query) {
      const { items, next } = await accounts.list(query);
      return { items: items.map(showUser), next };
    },
    async find(name) {
      const account = await findAccount(name);
      return account && showUser(account);
    },
    async unlock({ name, by }) {
      const account = await findAccount(name);
      return account === undefined ? { kind: 'missing' } : unlockAccount({ accountId: account.id, by });
    },
  };
}

function operatorClients({ clients, createClient, deleteClient }: House): OperatorClients {
  return {
    async create({ body, secret, by }) {
      const { client_id: clientId, ...metadata } = body;
      const outcome = await createClient({ clientId, metadata, secret, by });
      if (outcome.kind !== 'created') return outcome;
      // What the operator brought is not repeated.
      const made = secret === undefined ? outcome.secret : undefined;
      return { kind: 'created', client: showClient(outcome.client, made) };
    },
    async list(query) {
      const { items, next } = await clients.list(query);
      return { items: items.map((client) => showClient(client)), next };
    },
    async find(id) {
      const client = await clients.find(id);
      return client && showClient(client);
    },
    delete: deleteClient,
  };
}
