import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Apis, obtain, startApis } from '../flows/protocol/apis.ts';
import { addAccount, registerApp, registerService } from '../flows/protocol/app.ts';
import { type Gift, type Gifts, type PolicyRow, policy } from './policy-table.ts';

interface Operation {
  id: string;
  method: string;
  path: string;
  scope: string;
}

type Kind = NonNullable<PolicyRow['about']>;
/** Below the partial administrators, level with them, and above. */
type Level = 'plain' | 'peer' | 'superior';

const levels: readonly Level[] = ['plain', 'peer', 'superior'];
const gifts: readonly Gift[] = ['nothing', 'within', 'beyond'];
/** What the partial administrators may do. */
const desk = ['users:write', 'clients:write', 'roles:write', 'sessions:write'];
const base = '/api/admin/v1';

let apis: Apis;
let operations: Operation[];
let targets: Record<Kind, Record<Level, string>>;
let given: Record<Gift, Gifts>;
let tokens: { owner: string; person: string; service: string };

const ask = async (method: string, path: string, body?: unknown) => {
  const answer = await apis.servers[0].admin(method, path, body);
  if (answer.status >= 300)
    throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
  return answer.body;
};
const makeRole = async (name: string, scopes: readonly string[]): Promise<string> => {
  const permissions = scopes.map((scope) => ({ resource: `${apis.issuer}/api/admin`, scope }));
  await ask('POST', 'roles', { name, permissions });
  return name;
};

beforeAll(async () => {
  apis = await startApis();
  const [server] = apis.servers;
  const resource = `${apis.issuer}/api/admin`;
  const description: {
    paths: Record<string, Record<string, { operationId: string; security: [{ gatehouse: string[] }] }>>;
  } = JSON.parse((await apis.send(`${base}/openapi.json`)).text);
  operations = Object.entries(description.paths).flatMap(([path, methods]) =>
    Object.entries(methods)
      .filter(([method]) => ['post', 'put', 'patch', 'delete'].includes(method))
      .map(([method, { operationId, security }]) => ({
        id: operationId,
        method: method.toUpperCase(),
        path,
        scope: security[0].gatehouse[0] ?? '',
      })),
  );
  await makeRole('policy-empty', []);
  await makeRole('policy-plain', []);
  await makeRole('policy-desk', desk);
  await makeRole('policy-keys', ['keys:write']);
  await makeRole('policy-peer', desk);
  await makeRole('policy-above', ['keys:write']);
  const user = async (level: Level, roles: string[]) =>
    (await addAccount(server, `${level}@example.org`, { roles })).sub;
  const client = async (level: Level, scope: string) =>
    (await registerService(server, { client_id: `policy-${level}`, scope })).registration.clientId;
  targets = {
    user: {
      plain: await user('plain', []),
      peer: await user('peer', ['policy-desk']),
      superior: await user('superior', ['admin']),
    },
    client: {
      plain: await client('plain', 'openid'),
      peer: await client('peer', desk.join(' ')),
      superior: await client('superior', 'keys:read'),
    },
    role: { plain: 'policy-plain', peer: 'policy-peer', superior: 'policy-above' },
  };
  const permission = (scope: string) => [{ resource, scope }];
  given = {
    nothing: { role: undefined, scope: 'openid', permissions: [] },
    within: { role: 'policy-desk', scope: 'openid users:write', permissions: permission('users:read') },
    beyond: { role: 'policy-keys', scope: 'openid keys:write', permissions: permission('keys:write') },
  };
  const someone = await apis.somebody();
  await ask('POST', `users/${someone.who.sub}/roles`, { name: 'policy-desk' });
  const console = await registerApp(server, {
    skip_consent: true,
    scope: `openid ${desk.join(' ')} keys:write`,
  });
  const person = await obtain(console, someone, `openid ${desk.join(' ')} keys:write`, [resource]);
  expect(person.body.scope).toBe(desk.join(' '));
  tokens = {
    owner: await server.adminToken(),
    person: person.access,
    service: await serviceToken(desk.join(' ')),
  };
}, 120_000);
afterAll(() => apis.dispose());

async function serviceToken(scope: string): Promise<string> {
  const service = await registerService(apis.servers[0], { scope });
  const { body } = await service.post('token', {
    grant_type: 'client_credentials',
    resource: `${apis.issuer}/api/admin`,
    scope,
  });
  return String(body.access_token);
}

/** What becomes of it: nothing is changed, since each request is a rehearsal. */
async function attempt(token: string, { method, path }: Operation, row: PolicyRow, level: Level, gift: Gift) {
  const params: Record<string, string> = { ...row.path };
  if (row.about !== undefined) params[row.about === 'role' ? 'name' : 'id'] = targets[row.about][level];
  const filled = path.replaceAll(/\{(\w+)\}/g, (_, name: string) => params[name] ?? 'nobody');
  const body = row.body?.(given[gift]);
  const { status, text } = await apis.send(`${base}${filled}?dry_run=true`, {
    process: 1,
    method,
    headers: {
      authorization: `Bearer ${token}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status, body: text === '' ? {} : (JSON.parse(text) as Record<string, unknown>) };
}

const ranked = () => operations.filter(({ id }) => policy[id] !== undefined && policy[id].why === undefined);

/** Each operation on each target with each gift, and whether it must be refused. */
async function expectAll(token: string, isRefused: (level: Level, gift: Gift, row: PolicyRow) => boolean) {
  for (const operation of ranked()) {
    const row = policy[operation.id] ?? {};
    for (const level of row.about === undefined ? levels.slice(0, 1) : levels)
      for (const gift of row.gives === true ? gifts : gifts.slice(0, 1)) {
        const { status, body } = await attempt(token, operation, row, level, gift);
        const what = `${operation.id} on ${level} with ${gift}`;
        const expected = isRefused(level, gift, row) ? 'refused' : 'done, or not found';
        const seen =
          status === 403
            ? 'refused'
            : status < 300 || [404, 409].includes(status)
              ? 'done, or not found'
              : body;
        expect({ what, seen }).toEqual({ what, seen: expected });
        if (status !== 403) continue;
        expect(['insufficient_scope', 'permission_not_held']).toContain(body.code);
        expect(String(body.detail)).toMatch(/\b(?:users|clients|roles|sessions|keys|audit|config):\w+/);
      }
  }
}

describe('I02 the policy of the admin API', () => {
  it('names every operation that changes something, and none that is not there', () => {
    expect(Object.keys(policy).toSorted()).toEqual(operations.map(({ id }) => id).toSorted());
    for (const [id, { about, gives, why }] of Object.entries(policy))
      expect({ id, isDecided: (about ?? gives) === undefined ? why : why === undefined }).toEqual({
        id,
        isDecided: expect.anything(),
      });
  });

  it('lets who has everything do everything', async () => {
    await expectAll(tokens.owner, () => false);
  }, 120_000);

  it.each(['person', 'service'] as const)(
    'lets a %s who has some act on those who have no more, and give no more than that',
    async (actor) => {
      await expectAll(tokens[actor], (level, gift) => level === 'superior' || gift === 'beyond');
    },
    120_000,
  );

  it('lets who has one scope only act on those who have no other, and give nothing', async () => {
    const byScope = new Map<string, string>();
    for (const operation of ranked()) {
      const row = policy[operation.id] ?? {};
      const token = byScope.get(operation.scope) ?? (await serviceToken(operation.scope));
      byScope.set(operation.scope, token);
      for (const level of row.about === undefined ? [] : (['peer', 'superior'] as const)) {
        const { status } = await attempt(token, operation, row, level, 'nothing');
        expect({ what: `${operation.id} on ${level}`, status }).toEqual({
          what: `${operation.id} on ${level}`,
          status: 403,
        });
      }
      for (const gift of row.gives === true ? (['within', 'beyond'] as const) : []) {
        const { status } = await attempt(token, operation, row, 'plain', gift);
        expect({ what: `${operation.id} with ${gift}`, status }).toEqual({
          what: `${operation.id} with ${gift}`,
          status: 403,
        });
      }
    }
  }, 120_000);
});
