import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { aWord } from '../contracts/builders.ts';
import { addAccount } from '../flows/protocol/app.ts';
import { type Arena, grounds, openArena, racers } from './arena.ts';
import { atOnce } from './barrier.ts';

describe.each(grounds)('I02 roles against each other: %s', (ground) => {
  let arena: Arena;
  let token: string;
  beforeAll(async () => {
    arena = await openArena(ground);
    token = await arena.server.adminToken();
  }, 120_000);
  afterAll(() => arena.dispose());

  const ask = async (method: string, path: string, body?: unknown) => {
    const answer = await arena.server.admin(method, path, body);
    if (answer.status >= 300)
      throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
    return answer.body;
  };
  const raw = (method: string, path: string, body: unknown): string => {
    const text = body === undefined ? '' : JSON.stringify(body);
    const lines = [
      `${method} /api/admin/v1/${path} HTTP/1.1`,
      `host: ${arena.host}`,
      `authorization: Bearer ${token}`,
      'content-type: application/json',
      `content-length: ${Buffer.byteLength(text)}`,
    ];
    return `${lines.join('\r\n')}\r\n\r\n${text === '' ? '' : text}`;
  };
  const owners = async (): Promise<number> => {
    const { body } = await arena.server.admin('GET', 'roles/admin/users?limit=100');
    let active = 0;
    for (const { sub, expires_at: end } of body.items ?? []) {
      const { body: user } = await arena.server.admin('GET', `users/${String(sub)}`);
      if (user.status === 'active' && end === null) active += 1;
    }
    return active;
  };

  it('of two roles that would contain each other, one does', async () => {
    for (let round = 0; round < arena.rounds(20); round += 1) {
      const [one, other] = [aWord(), aWord()];
      await ask('POST', 'roles', { name: one });
      await ask('POST', 'roles', { name: other });
      const answers = await atOnce(arena.ports, [
        raw('PATCH', `roles/${one}`, { roles: [other] }),
        raw('PATCH', `roles/${other}`, { roles: [one] }),
      ]);
      expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200, 400]));
    }
  });

  it(`somebody is left who may do everything, whatever ${racers} operators do at once`, async () => {
    const inAnHour = Math.floor(Date.now() / 1000) + 3600;
    const ways: readonly ((sub: string) => string)[] = [
      (sub) => raw('PATCH', `users/${sub}`, { status: 'disabled' }),
      (sub) => raw('PATCH', `users/${sub}`, { roles: [] }),
      (sub) => raw('PUT', `users/${sub}/roles`, { roles: [{ name: 'admin', expires_at: inAnHour }] }),
      (sub) => raw('POST', `users/${sub}/roles`, { name: 'admin', expires_at: inAnHour }),
      (sub) => raw('DELETE', `users/${sub}/roles/admin`, undefined),
      (sub) => raw('DELETE', `users/${sub}`, undefined),
    ];
    for (let round = 0; round < arena.rounds(10); round += 1) {
      const { body } = await arena.server.admin('GET', 'roles/admin/users?limit=100');
      const present = (body.items ?? []).map(({ sub }) => String(sub));
      const added: string[] = [];
      for (let count = 0; count < 3; count += 1) {
        const { sub } = await addAccount(arena.server, `${aWord()}@example.org`, { roles: ['admin'] });
        added.push(sub);
      }
      const all = [...new Set([...present, ...added])];
      const requests = Array.from({ length: racers }, (_, index) => {
        const way = ways[(index + round) % ways.length];
        return way?.(all[index % all.length] ?? '') ?? '';
      });
      const answers = await atOnce(arena.ports, requests);
      for (const { status } of answers) expect([200, 204, 404, 409, 412]).toContain(status);
      const left = await owners();
      expect(left).toBeGreaterThanOrEqual(1);
      expect(left).toBeLessThan(all.length);
    }
  }, 240_000);
});
