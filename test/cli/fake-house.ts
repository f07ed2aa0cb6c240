import { PassThrough, Readable } from 'node:stream';
import type { Actor } from '../../server/audit/event.ts';
import type { OperatorBackups } from '../../server/cli/backup-ports.ts';
import type { CliContext } from '../../server/cli/context.ts';
import type { Document, OperatorHouse } from '../../server/cli/ports.ts';
import { runCommandLine } from '../../server/cli/program.ts';
import { loaded } from '../server/config/environments.ts';

/** 2026-01-02T03:04:05Z */
const issuedAt = 1_767_323_045;

/** A house in memory that keeps what it was asked, for commands whose use cases are tested elsewhere. */
export function aHouse() {
  const clients = new Map<string, Document>();
  const users = new Map<string, Document>();
  const asked: { body: Document; by: Actor; secret?: string | undefined }[] = [];
  const house: OperatorHouse = {
    users: {
      async create({ body, by }) {
        asked.push({ body, by });
        if (body.email === 'taken@example.org') return { kind: 'login_name_taken' };
        if (body.email === 'bad')
          return { kind: 'refused', fields: [{ field: 'email', message: 'Use one address.' }] };
        const { password: _, ...shown } = body;
        const user = { sub: `sub-${users.size + 1}`, ...shown, status: 'active', created_at: issuedAt };
        users.set(user.sub, user);
        return { kind: 'created', user };
      },
      async invite({ body, by }) {
        asked.push({ body, by });
        if (body.email === 'taken@example.org') return { kind: 'login_name_taken' };
        if (body.email === 'closed@example.org') return { kind: 'closed' };
        if (body.email === 'bad')
          return { kind: 'refused', fields: [{ field: 'email', message: 'Use one address.' }] };
        return { kind: 'invited', invitation: { id: 'invitation-1', ...body, status: 'open' } };
      },
      list: async ({ limit }) => ({
        items: [...users.values()].slice(0, limit),
        next: users.size > limit ? 'cursor-2' : null,
      }),
      find: async (name) => users.get(name),
      unlock: async ({ name, by }) => {
        asked.push({ body: { unlock: name }, by });
        return { kind: users.has(name) ? 'unlocked' : 'missing' };
      },
    },
    clients: {
      async create({ body, secret, by }) {
        asked.push({ body, by, secret });
        const id = typeof body.client_id === 'string' ? body.client_id : 'made-up';
        if (clients.has(id)) return { kind: 'client_id_taken' };
        if (body.client_uri === 'bad')
          return { kind: 'refused', fields: [{ field: 'client_uri', message: 'Use https.' }] };
        const client = { client_id: id, client_id_issued_at: issuedAt, ...body };
        clients.set(id, client);
        const made = secret === undefined && body.token_endpoint_auth_method !== 'none';
        return { kind: 'created', client: made ? { ...client, client_secret: 'made-secret' } : client };
      },
      list: async () => ({ items: [...clients.values()], next: null }),
      find: async (id) => clients.get(id),
      delete: async ({ id }) => {
        if (id === 'gatehouse-account') return { kind: 'built_in' };
        return { kind: clients.delete(id) ? 'deleted' : 'missing' };
      },
    },
    mail: {
      test: async (to) =>
        to.startsWith('refused') ? { kind: 'failed', why: 'no such mailbox' } : { kind: 'sent', id: 'id-1' },
    },
    migrations: {
      status: async () => ({
        current: 1,
        known: 2,
        migrations: [
          { number: 1, name: 'initial', appliedAt: new Date(issuedAt * 1000) },
          { number: 2, name: 'later', appliedAt: null },
        ],
      }),
      up: async () => [2],
      down: async (target) => (target < 1 ? [1] : []),
    },
    imports: {
      users: async () => {
        throw new Error('imports are tested with a real house');
      },
    },
    audit: {
      verify: async () => {
        throw new Error('the audit log is verified with a real house');
      },
      checkpoint: async () => ({ kind: 'broken' }),
      exportEvents: async () => {
        throw new Error('the audit log is exported with a real house');
      },
    },
    close: async () => {},
  };
  return { house, asked };
}

export interface CliRun {
  code: number;
  out: string;
  err: string;
}

/** Runs a command line in this process. */
export async function run(
  house: OperatorHouse,
  args: string[],
  input = '',
  backups?: OperatorBackups,
): Promise<CliRun> {
  const [out, err] = [new PassThrough(), new PassThrough()];
  const context: CliContext = {
    terminal: { in: Readable.from([Buffer.from(input)]), out, err },
    readConfiguration: () => loaded({}),
    withHouse: (work) => work(house),
    withAnySchema: (work) => work(house),
    openBackups: async () => {
      if (backups === undefined) throw new Error('this command needs no backups');
      return backups;
    },
    operator: { kind: 'operator', id: 'root' },
  };
  const code = await runCommandLine(args, context);
  return { code, out: String(out.read() ?? ''), err: String(err.read() ?? '') };
}
