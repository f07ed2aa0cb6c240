import { askAdmin, classify, type Doors } from './doors.ts';
import type { Completion, History, Operation } from './history.ts';

export interface OperatorDeps {
  doors: Doors;
  history: History;
  adminToken: string;
}

/** A person with a password, through the admin API. Ok has the `sub`. */
export const createUser = (
  deps: OperatorDeps,
  worker: string,
  who: { user: string; name: string; password: string },
): Promise<Completion> =>
  deps.history.record(worker, { type: 'create-user', ...who }, async () => {
    const { user, name, password } = who;
    const answer = await askAdmin(deps.doors, deps.adminToken, 'POST', 'users', {
      email: user,
      email_verified: true,
      name,
      password,
    });
    const completion = classify(answer);
    return completion.outcome === 'ok'
      ? { ...completion, facts: { sub: String(JSON.parse(answer.text).sub) } }
      : completion;
  });

type UserChange = Extract<Operation, { type: 'rename-user' | 'disable-user' }>;

/** One change of a person. `staleMatch` makes it one that must be refused (412). */
export const changeUser = (
  { doors, history, adminToken }: OperatorDeps,
  worker: string,
  sub: string,
  change: UserChange,
  staleMatch = false,
): Promise<Completion> =>
  history.record(worker, change, async () =>
    classify(
      await askAdmin(doors, adminToken, 'PATCH', `users/${sub}`, patchOf(change), matching(staleMatch)),
    ),
  );

function patchOf(change: UserChange): Record<string, string> {
  switch (change.type) {
    case 'rename-user':
      return { name: change.name };
    case 'disable-user':
      return { status: 'disabled' };
    default:
      return change satisfies never;
  }
}

/** Looks a person up by address. Ok without a name: there is nobody. */
export const readUser = (
  { doors, history, adminToken }: OperatorDeps,
  worker: string,
  user: string,
): Promise<Completion> =>
  history.record(worker, { type: 'read-user', user }, async () => {
    const answer = await askAdmin(doors, adminToken, 'GET', `users?email=${encodeURIComponent(user)}`);
    const completion = classify(answer);
    if (completion.outcome !== 'ok') return completion;
    const found = JSON.parse(answer.text).items[0];
    if (found === undefined) return { ...completion, facts: {} };
    return {
      ...completion,
      facts: { sub: String(found.sub), name: String(found.name), status: String(found.status) },
    };
  });

/** A service client of this id. `secret` of the answer is handed back beside what is recorded: no invariant asks for it. */
export async function createClient(
  { doors, history, adminToken }: OperatorDeps,
  worker: string,
  client: string,
  name: string,
): Promise<Completion & { secret?: string }> {
  let secret: string | undefined;
  const completion = await history.record(worker, { type: 'create-client', client, name }, async () => {
    const answer = await askAdmin(doors, adminToken, 'POST', 'clients', {
      client_id: client,
      client_name: name,
      redirect_uris: [],
      grant_types: ['client_credentials'],
    });
    const made = classify(answer);
    if (made.outcome === 'ok') secret = String(JSON.parse(answer.text).client_secret);
    return made;
  });
  return secret === undefined ? completion : { ...completion, secret };
}

export const renameClient = (
  { doors, history, adminToken }: OperatorDeps,
  worker: string,
  client: string,
  name: string,
  staleMatch = false,
): Promise<Completion> =>
  history.record(worker, { type: 'rename-client', client, name }, async () =>
    classify(
      await askAdmin(
        doors,
        adminToken,
        'PATCH',
        `clients/${client}`,
        { client_name: name },
        matching(staleMatch),
      ),
    ),
  );

export const readClient = (
  { doors, history, adminToken }: OperatorDeps,
  worker: string,
  client: string,
): Promise<Completion> =>
  history.record(worker, { type: 'read-client', client }, async () => {
    const answer = await askAdmin(doors, adminToken, 'GET', `clients/${client}`);
    const completion = classify(answer);
    // That there is none is an answer, and a good one.
    if (completion.status === 404) return { outcome: 'ok', status: 404, facts: {} };
    if (completion.outcome !== 'ok') return completion;
    return { ...completion, facts: { name: String(JSON.parse(answer.text).client_name) } };
  });

/** A version that no object has. */
const matching = (stale: boolean): Record<string, string> => (stale ? { 'if-match': '"9999"' } : {});
