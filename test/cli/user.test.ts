import { describe, expect, it } from '@jest/globals';
import { aHouse, run } from './fake-house.ts';

describe('gatehouse user create', () => {
  it('makes a user with names, roles and a password from standard input', async () => {
    const { house, asked } = aHouse();
    const { code, out, err } = await run(
      house,
      [
        'user',
        'create',
        '--email',
        'ada@example.org',
        '--email-verified',
        '--name',
        'Ada',
        '--role',
        'admin',
        '--role',
        'auditor',
        '--password-stdin',
        '--json',
      ],
      ' canary with spaces \n',
    );
    expect([code, err]).toEqual([0, '']);
    expect(JSON.parse(out)).toEqual({
      sub: 'sub-1',
      email: 'ada@example.org',
      email_verified: true,
      name: 'Ada',
      roles: ['admin', 'auditor'],
      status: 'active',
      created_at: 1_767_323_045,
    });
    expect(asked).toMatchObject([
      { by: { kind: 'operator', id: 'root' }, body: { password: ' canary with spaces ' } },
    ]);
  });

  it('makes one without a password when none is given', async () => {
    const { house, asked } = aHouse();
    await run(house, ['user', 'create', '--username', 'ada'], 'not asked for');
    expect(asked).toMatchObject([{ body: { preferred_username: 'ada' } }]);
    expect(asked[0]?.body).not.toHaveProperty('password');
  });

  it('refuses an empty password', async () => {
    const { house, asked } = aHouse();
    const { code, err } = await run(house, ['user', 'create', '--username', 'ada', '--password-stdin'], '\n');
    expect([code, err]).toEqual([1, 'Standard input is empty.\nPut the secret there.\n']);
    expect(asked).toEqual([]);
  });

  it('refuses a password without end', async () => {
    const { house, asked } = aHouse();
    const { code } = await run(
      house,
      ['user', 'create', '--username', 'ada', '--password-stdin'],
      'x'.repeat(2 ** 21),
    );
    expect([code, asked]).toEqual([1, []]);
  });

  it('has no option that takes a password itself', async () => {
    const { house } = aHouse();
    const { code, err } = await run(house, ['user', 'create', '--username', 'ada', '--password', 'canary']);
    expect(code).toBe(2);
    expect(err).not.toContain('canary');
  });

  it.each([
    ['taken@example.org', 'Another user has this e-mail address or user name. Nothing was changed.\n'],
    ['bad', 'The user was not created.\n  email: Use one address.\n'],
  ])('tells why %s is refused', async (email, message) => {
    const { house } = aHouse();
    expect(await run(house, ['user', 'create', '--email', email])).toEqual({
      code: 1,
      out: '',
      err: message,
    });
  });
});

describe('gatehouse user list and show', () => {
  it('find a user or say that there is none', async () => {
    const { house } = aHouse();
    await run(house, ['user', 'create', '--email', 'Ada@Example.org', '--name', 'Ada']);
    const { code, out } = await run(house, ['user', 'show', 'sub-1']);
    expect(code).toBe(0);
    expect(out).toMatch(/^sub +sub-1$/m);
    expect(out).toMatch(/^created_at +2026-01-02T03:04:05\.000Z$/m);
    expect(await run(house, ['user', 'show', 'bob'])).toEqual({ code: 1, out: '', err: 'No such user.\n' });
  });

  it('tell how to go on when there are more', async () => {
    const { house } = aHouse();
    for (const name of ['a', 'b', 'c'])
      await run(house, ['user', 'create', '--email', `${name}@example.org`]);
    const { out, err } = await run(house, ['user', 'list', '--limit', '2']);
    expect(out.trimEnd().split('\n')).toHaveLength(3);
    expect(err).toBe('More follow: --after cursor-2\n');
    const all = await run(house, ['user', 'list', '--limit', '2', '--json']);
    expect(JSON.parse(all.out)).toMatchObject({
      items: [{ sub: 'sub-1' }, { sub: 'sub-2' }],
      next: 'cursor-2',
    });
  });
});

describe('gatehouse user unlock', () => {
  it('unlocks a user, in the name of the operator', async () => {
    const { house, asked } = aHouse();
    await run(house, ['user', 'create', '--username', 'ada']);
    const { code, out } = await run(house, ['user', 'unlock', 'sub-1']);
    expect([code, out]).toEqual([0, 'Unlocked: all devices of this user may try again.\n']);
    expect(asked.at(-1)).toMatchObject({ body: { unlock: 'sub-1' }, by: { kind: 'operator', id: 'root' } });
  });

  it('fails for a user who is not there', async () => {
    const { house } = aHouse();
    const { code, err } = await run(house, ['user', 'unlock', 'nobody']);
    expect(code).toBe(1);
    expect(err).toContain('No such user. Nothing was changed.');
  });
});

describe('gatehouse user invite', () => {
  it('invites with roles and a client, and shows the invitation', async () => {
    const { house, asked } = aHouse();
    const args = [
      'user',
      'invite',
      '--email',
      'ada@example.org',
      '--role',
      'admin',
      '--client',
      'app',
      '--json',
    ];
    const { code, out } = await run(house, args);
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ id: 'invitation-1', status: 'open' });
    expect(asked).toMatchObject([{ body: { email: 'ada@example.org', roles: ['admin'], client_id: 'app' } }]);
  });

  it.each([
    ['taken@example.org', 'Another user has this e-mail address. Nobody was invited.'],
    ['closed@example.org', 'Sign-up is closed on this server (GATEHOUSE_SIGN_UP). Nobody was invited.'],
    ['bad', 'Use one address.'],
  ])('says why %s was not invited', async (email, words) => {
    const { code, err } = await run(aHouse().house, ['user', 'invite', '--email', email]);
    expect([code, err]).toEqual([1, expect.stringContaining(words)]);
  });
});
