import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type RunningGatehouse, startGatehouse } from '../support/gatehouse.ts';
import { waitFor } from '../support/wait-for.ts';
import { gatehouse } from './gatehouse-command.ts';

describe('the command line beside a running server with an embedded database', () => {
  let server: RunningGatehouse;

  beforeAll(async () => {
    server = await startGatehouse();
  });

  afterAll(() => server.dispose());

  const run = (args: string[], input?: string) =>
    gatehouse({ GATEHOUSE_DATA_DIR: server.dataDir }, args, input);

  const askForToken = async (id: string, secret: string): Promise<number> => {
    const answer = await fetch(`${server.issuer}/oauth2/token`, {
      method: 'POST',
      headers: { authorization: `Basic ${btoa(`${id}:${secret}`)}` },
      body: new URLSearchParams({ grant_type: 'client_credentials' }),
    });
    await answer.text();
    return answer.status;
  };

  it('makes a client that the server knows, and takes it away again', async () => {
    const made = await run(['client', 'create', '--id', 'job', '--type', 'service', '--json']);
    expect([made.code, made.err]).toEqual([0, 'The secret is shown this once.\n']);
    const { client_secret: secret } = JSON.parse(made.out);
    await expect(askForToken('job', secret)).resolves.toBe(200);
    expect((await run(['client', 'delete', 'job'])).code).toBe(0);
    await waitFor('the server has noticed', async () => (await askForToken('job', secret)) === 401);
  });

  it('brings a secret of one’s own from standard input', async () => {
    const secret = 'kept-from-the-server-before-this-one';
    const args = ['client', 'create', '--id', 'moved', '--type', 'service', '--secret-stdin', '--json'];
    expect((await run(args, `${secret}\n`)).code).toBe(0);
    await expect(askForToken('moved', secret)).resolves.toBe(200);
  });

  it('makes a user whom the admin API shows, in the same words', async () => {
    const args = ['user', 'create', '--email', 'ada@example.org', '--given-name', 'Ada', '--json'];
    const made = await run(args);
    expect([made.code, made.err]).toEqual([0, '']);
    const document = JSON.parse(made.out);
    const { status, body } = await server.admin('GET', `users/${document.sub}`);
    expect(status).toBe(200);
    expect(body).toEqual(document);
  });

  it('shows a client in the words of the admin API', async () => {
    const shown = await run(['client', 'show', server.bootstrap.clientId, '--json']);
    const { body } = await server.admin('GET', `clients/${server.bootstrap.clientId}`);
    expect(body).toEqual(JSON.parse(shown.out));
  });

  it('never deletes the clients of the server itself', async () => {
    const { out } = await run(['client', 'list', '--json']);
    const own = JSON.parse(out).items.filter((client: { built_in: boolean }) => client.built_in);
    expect(own.length).toBeGreaterThan(0);
    for (const { client_id: id } of own) {
      const { code, err } = await run(['client', 'delete', id]);
      expect([code, err]).toEqual([1, 'This client belongs to the server itself and cannot be deleted.\n']);
    }
  });
});
