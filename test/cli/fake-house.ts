import { PassThrough, Readable } from 'node:stream';
import type { Account } from '../../server/accounts/account.ts';
import { foldLoginName } from '../../server/accounts/account.ts';
import type { Actor } from '../../server/audit/event.ts';
import type { CliContext } from '../../server/cli/context.ts';
import type { OperatorHouse } from '../../server/cli/ports.ts';
import { runCommandLine } from '../../server/cli/program.ts';
import type { Client } from '../../server/clients/client.ts';
import { parseClientMetadata } from '../../server/clients/metadata.ts';
import { loaded } from '../server/config/environments.ts';

/** A house in memory that keeps what it was asked, for commands whose use cases are tested elsewhere. */
export function aHouse() {
  const now = new Date('2026-01-02T03:04:05Z');
  const clients = new Map<string, Client>();
  const accounts = new Map<string, Account>();
  const asked: { by: Actor; password?: string | undefined; secret?: string | undefined }[] = [];
  const house: OperatorHouse = {
    accounts: {
      async create({ password, by, ...input }) {
        asked.push({ by, password });
        if (input.email === 'taken@example.org') return { kind: 'login_name_taken' };
        if (input.email === 'bad')
          return { kind: 'refused', fields: [{ field: 'email', message: 'Use one address.' }] };
        const made = { ...input, emailVerified: input.emailVerified ?? false, roles: [...input.roles] };
        const account = {
          ...made,
          id: `sub-${accounts.size + 1}`,
          createdAt: now,
          updatedAt: now,
          version: 1,
        };
        accounts.set(account.id, account);
        return { kind: 'created', account };
      },
      list: async ({ limit }) => ({
        items: [...accounts.values()].slice(0, limit),
        next: accounts.size > limit ? 'cursor-2' : null,
      }),
      find: async (id) => accounts.get(id),
      findByLoginName: async (folded) =>
        [...accounts.values()].find(({ email }) => foldLoginName(email ?? '') === folded),
    },
    clients: {
      async create({ clientId, metadata: given, secret, by }) {
        const id = typeof clientId === 'string' ? clientId : 'made-up';
        asked.push({ by, secret });
        const parsed = parseClientMetadata(given);
        if (parsed.kind === 'refused') return parsed;
        if (clients.has(id)) return { kind: 'client_id_taken' };
        const { metadata } = parsed;
        const client = { id, metadata, builtIn: false, createdAt: now, updatedAt: now, version: 1 };
        clients.set(id, client);
        const isPublic = metadata.token_endpoint_auth_method === 'none';
        return isPublic
          ? { kind: 'created', client }
          : { kind: 'created', client, secret: secret ?? 'made-secret' };
      },
      list: async () => ({ items: [...clients.values()], next: null }),
      find: async (id) => clients.get(id),
      delete: async ({ id }) => {
        if (id === 'gatehouse-account') return { kind: 'built_in' };
        return { kind: clients.delete(id) ? 'deleted' : 'missing' };
      },
    },
    migrations: {
      status: async () => ({
        current: 1,
        known: 2,
        migrations: [
          { number: 1, name: 'initial', appliedAt: now },
          { number: 2, name: 'later', appliedAt: null },
        ],
      }),
      up: async () => [2],
      down: async (target) => (target < 1 ? [1] : []),
    },
    close: async () => {},
  };
  return { house, clients, asked };
}

export interface CliRun {
  code: number;
  out: string;
  err: string;
}

/** Runs a command line in this process. */
export async function run(house: OperatorHouse, args: string[], input = ''): Promise<CliRun> {
  const [out, err] = [new PassThrough(), new PassThrough()];
  const context: CliContext = {
    terminal: { in: Readable.from([Buffer.from(input)]), out, err },
    readConfiguration: () => loaded({}),
    withHouse: (work) => work(house),
    withAnySchema: (work) => work(house),
    operator: { kind: 'operator', id: 'root' },
  };
  const code = await runCommandLine(args, context);
  return { code, out: String(out.read() ?? ''), err: String(err.read() ?? '') };
}
