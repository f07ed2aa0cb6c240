import { makeWinstonLog } from '../../adapters/logging/winston.ts';
import { foldLoginName } from '../accounts/account.ts';
import { faultInEmailAddress } from '../accounts/login-name-rules.ts';
import { showClient } from '../admin/client-body.ts';
import { invitationBody, showInvitation } from '../admin/invitation-routes.ts';
import { showUser, toAccountInput, userBody } from '../admin/user-body.ts';
import type { Actor } from '../audit/event.ts';
import type {
  OpenOperatorHouse,
  OperatorClients,
  OperatorMail,
  OperatorMigrations,
  OperatorUsers,
} from '../cli/ports.ts';
import type { Config } from '../config/schema.ts';
import { toFieldFaults } from '../field-faults.ts';
import { composeMail } from '../outbox/compose-mail.ts';
import { type House, makeHouse } from './house.ts';
import { makeMailLanguages } from './mail-texts.ts';
import { operatorImports } from './operator-imports.ts';
import { openStorage, type Storage } from './storage.ts';

/** The house for one command of the CLI: through a running server's database where there is one. */
export const openOperatorHouse: OpenOperatorHouse = async ({ config }) => {
  const storage = await openStorage(config, { besideServer: true });
  // What a command prints is its result; only warnings belong beside it.
  const log = makeWinstonLog({ level: 'warn', format: 'text', stream: process.stderr });
  const house = makeHouse(config, storage, log);
  return {
    users: operatorUsers(house),
    clients: operatorClients(house),
    migrations: operatorMigrations(storage, house),
    mail: operatorMail(config, house),
    imports: operatorImports(config, storage, house),
    audit: {
      ...house.auditChain,
      async exportEvents(input) {
        // What commands have written while no server was there.
        let outcome = await house.auditChain.extend();
        while (outcome.kind === 'chained' && outcome.events > 0) outcome = await house.auditChain.extend();
        return house.exportEvents(input);
      },
    },
    close: storage.close,
  };
};

/** The schema, whose changes are in the audit log as soon as it has a place for them. */
function operatorMigrations({ migrator }: Storage, { noteSchema }: House): OperatorMigrations {
  const note = async (by: Actor): Promise<void> => {
    const { migrations } = await migrator.status();
    const isNoted = migrations.some(({ name, appliedAt }) => name === placeForSchema && appliedAt !== null);
    if (isNoted) await noteSchema(by);
  };
  return {
    status: migrator.status,
    async up(by) {
      const applied = await migrator.up();
      if (applied.length > 0) await note(by);
      return applied;
    },
    async down(target, by) {
      const undone = await migrator.down(target);
      if (undone.length > 0) await note(by);
      return undone;
    },
  };
}

/** The migration that makes the place where it is kept what the log knows. */
const placeForSchema = 'audit_known_start';

/** A mail that says that mail works. */
function operatorMail(config: Config, { mailer, ids }: House): OperatorMail {
  return {
    async test(to) {
      const fault = faultInEmailAddress(to);
      if (fault !== undefined) return { kind: 'failed', why: fault };
      const id = ids.id();
      const { serviceName } = config.site;
      const message = { kind: 'mail_test', params: { address: to } } as const;
      try {
        await mailer.send({
          ...composeMail({ to, message }, makeMailLanguages()(undefined), serviceName),
          id,
        });
      } catch (error) {
        return { kind: 'failed', why: error instanceof Error ? error.message : 'for no reason that it told' };
      }
      return config.mail.smtpUrl === undefined ? { kind: 'kept' } : { kind: 'sent', id };
    },
  };
}

/** Users in the words of the admin API, checked by its schema. */
function operatorUsers(house: House): OperatorUsers {
  const { accounts, presentAttributes, createAccount, unlockAccount, invite, clock } = house;
  const findAccount = async (name: string) =>
    (await accounts.find(name)) ?? (await accounts.findByLoginName(foldLoginName(name)));
  return {
    async create({ body, by }) {
      const parsed = userBody.safeParse(body);
      if (!parsed.success) return { kind: 'refused', fields: toFieldFaults(parsed.error) };
      const outcome = await createAccount({ ...toAccountInput(parsed.data), by });
      if (outcome.kind !== 'created') return outcome;
      return { kind: 'created', user: showUser(outcome.account, await presentAttributes()) };
    },
    async invite({ body, by }) {
      const parsed = invitationBody.safeParse(body);
      if (!parsed.success) return { kind: 'refused', fields: toFieldFaults(parsed.error) };
      const { email, roles, client_id: clientId } = parsed.data;
      const outcome = await invite({ email, roles, clientId, by });
      if (outcome.kind !== 'invited') return outcome;
      return { kind: 'invited', invitation: showInvitation(outcome.invitation, clock.now()) };
    },
    async list(query) {
      const { items, next } = await accounts.list(query);
      const definitions = await presentAttributes();
      return { items: items.map((account) => showUser(account, definitions)), next };
    },
    async find(name) {
      const account = await findAccount(name);
      return account && showUser(account, await presentAttributes());
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
