import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { openUserFile } from '../../../adapters/user-files/open.ts';
import type { FileRow } from '../../../server/accounts/import/user-file.ts';
import { makeTempDir } from '../../support/temp-dir.ts';

describe('a file of people', () => {
  let folder: string;
  let count = 0;
  beforeAll(async () => {
    folder = (await makeTempDir('user-files')).path;
  });

  const open = (format: string, content: string, firebaseParameters?: string) => {
    count += 1;
    const path = join(folder, String(count));
    writeFileSync(path, content);
    const standardInput = Readable.from([]);
    return openUserFile({ format, path, standardInput, columns: {}, delimiter: ',', firebaseParameters });
  };
  const read = async (format: string, content: unknown, firebaseParameters?: string): Promise<FileRow[]> => {
    const text = typeof content === 'string' ? content : JSON.stringify(content);
    const file = await open(format, text, firebaseParameters);
    const rows: FileRow[] = [];
    for await (const row of file.rows()) rows.push(row);
    expect(file.bytesRead()).toBe(file.size);
    await file.close();
    return rows;
  };
  const users = async (...args: Parameters<typeof read>) =>
    (await read(...args)).map(({ content }) => (content.kind === 'user' ? content.user : content));

  it('is the same at each reading, and known by what is in it and how it is read', async () => {
    const [one, same, other, otherwise] = await Promise.all([
      open('htpasswd', 'ada:x\n'),
      open('htpasswd', 'ada:x\n'),
      open('htpasswd', 'bob:x\n'),
      open('shadow', 'ada:x\n'),
    ]);
    expect(one.id).toBe(same.id);
    expect(new Set([one.id, other.id, otherwise.id]).size).toBe(3);
    const piped = await openUserFile({
      format: 'htpasswd',
      path: '-',
      standardInput: Readable.from([Buffer.from('a'), Buffer.from('da:x')]),
      columns: {},
      delimiter: ',',
      firebaseParameters: undefined,
    });
    expect([piped.id, piped.size]).toEqual([undefined, undefined]);
    const rows: FileRow[] = [];
    for await (const row of piped.rows()) rows.push(row);
    expect(rows).toMatchObject([{ at: 'line 1', content: { user: { passwordHash: 'x' } } }]);
  });

  it('of several Keycloak realms has the users of all, however their passwords are kept', async () => {
    const password = (algorithm: string, additionalParameters = {}) => ({
      type: 'password',
      secretData: JSON.stringify({ value: 'aGFzaA==', salt: 'c2FsdA==' }),
      credentialData: JSON.stringify({ hashIterations: 3, algorithm, additionalParameters }),
    });
    const argon = { type: ['id'], memory: ['7168'], parallelism: ['2'], version: ['1.3'] };
    const realms = [
      { realm: 'a', users: [{ username: 'u1', credentials: [{ type: 'otp' }, password('pbkdf2-sha256')] }] },
      {
        realm: 'b',
        users: [{ username: 'u2@x.example', credentials: [password('argon2', argon)] }, { username: 'u3' }],
      },
      { realm: 'c', users: [{ username: 'u4', email: 'u4@x.example', credentials: [password('sha-foo')] }] },
      {
        realm: 'd',
        users: [{ username: 5 }, { username: 'u5', credentials: [{ type: 'password', secretData: '{' }] }],
      },
    ];
    expect(await users('keycloak', realms)).toEqual([
      expect.objectContaining({
        body: { preferred_username: 'u1' },
        passwordHash: '$pbkdf2-sha256$i=3$c2FsdA$aGFzaA',
      }),
      expect.objectContaining({
        body: { email: 'u2@x.example' },
        passwordHash: '$argon2id$v=19$m=7168,t=3,p=2$c2FsdA$aGFzaA',
      }),
      expect.objectContaining({ body: { preferred_username: 'u3' }, passwordHash: undefined }),
      expect.objectContaining({ passwordHash: '$sha-foo$i=3$c2FsdA$aGFzaA' }),
      expect.objectContaining({ kind: 'faulty', field: 'username' }),
      expect.objectContaining({ kind: 'faulty', field: 'credentials' }),
    ]);
  });

  it('of Auth0 may be an array or lines', async () => {
    const given = [
      { user_id: 'auth0|1', email: 'a@x.example', blocked: true, app_metadata: { roles: ['editor'] } },
      { user_id: 'auth0|2', custom_password_hash: { algorithm: 'bcrypt', hash: { value: '$2b$10$x' } } },
    ];
    const expected = [
      { id: 'auth0|1', body: { email: 'a@x.example', roles: ['editor'], status: 'disabled' } },
      { id: 'auth0|2', passwordHash: '$2b$10$x' },
    ];
    expect(await users('auth0', given)).toMatchObject(expected);
    expect(await users('auth0', given.map((user) => JSON.stringify(user)).join('\n'))).toMatchObject(
      expected,
    );
  });

  it('of Firebase is read with the parameters of the project, however they are written', async () => {
    const given = {
      users: [
        {
          localId: 'l',
          email: 'a@x.example',
          passwordHash: '-_A=',
          salt: '-_8=',
          createdAt: '1600000000000',
        },
      ],
    };
    const shown =
      'hash_config {\n algorithm: SCRYPT,\n base64_signer_key: a+/b==,\n base64_salt_separator: Bw==,\n rounds: 8,\n mem_cost: 14,\n}';
    const json = '{"signerKey":"a+/b==","saltSeparator":"Bw==","rounds":8,"memCost":14}';
    for (const parameters of [shown, json])
      expect(await users('firebase', given, parameters)).toMatchObject([
        {
          id: 'l',
          passwordHash: '$firebase-scrypt$ln=14,r=8,sep=Bw,key=a+/b$+/8$+/A',
          createdAt: new Date(1_600_000_000_000),
        },
      ]);
    expect(await users('firebase', given)).toMatchObject([{ kind: 'faulty', field: 'passwordHash' }]);
    await expect(read('firebase', given, 'rounds: 8')).rejects.toThrow(
      'parameters of the Firebase project are incomplete',
    );
  });

  it('of Django has only its users, and tells when their groups have no names', async () => {
    const dump = [
      { model: 'auth.group', pk: 1, fields: { name: 'editor' } },
      {
        model: 'shop.person',
        pk: 7,
        fields: { email: 'a@x.example', password: '!unusable', groups: [['editor']] },
      },
      {
        model: 'auth.user',
        pk: 8,
        fields: { username: 'b', email: '', password: 'pbkdf2_sha256$1$s$h', groups: [1] },
      },
    ];
    expect(await users('django', dump)).toEqual([
      expect.objectContaining({
        id: '7',
        body: { email: 'a@x.example', roles: ['editor'] },
        passwordHash: undefined,
      }),
      expect.objectContaining({ kind: 'faulty', field: 'groups' }),
    ]);
    const table = 'username,password,is_active,date_joined\nc,pbkdf2_sha256$1$s$h,f,2024-01-02 03:04:05+02\n';
    expect(await users('django', table)).toMatchObject([
      {
        body: { preferred_username: 'c', status: 'disabled' },
        passwordHash: 'pbkdf2_sha256$1$s$h',
        createdAt: new Date('2024-01-02T01:04:05Z'),
      },
    ]);
  });

  it('of Unix leaves out the accounts of the system, and disables those that are locked', async () => {
    const shadow = 'root:*:1::::::\nsshd:!:1::::::\nada:!$6$s$h:1::::::\nbob:$6$s$h:1::::::\n';
    expect(await users('shadow', shadow)).toMatchObject([
      { kind: 'faulty', field: 'password' },
      { kind: 'faulty', field: 'password' },
      { body: { preferred_username: 'ada', status: 'disabled' }, passwordHash: '$6$s$h' },
      { body: { preferred_username: 'bob' } },
    ]);
  });

  it('of a directory has the entries that can sign in, with lines that go on and values in base64', async () => {
    const ldif =
      'version: 1\n\n# a remark\ndn: ou=x\nou: x\n\ndn: uid=a\nuid: a\ncn:: QcOkIEI=\nmail;x-tag: a@x\n .example\nuserPassword:: e1NTSEF9eA==\ncreateTimestamp: 20240102030405Z\n\ndn: uid=b\nbroken line\n';
    expect(await users('ldif', ldif)).toMatchObject([
      {
        body: { preferred_username: 'a', email: 'a@x.example', name: 'Aä B' },
        passwordHash: '{SSHA}x',
        createdAt: new Date('2024-01-02T03:04:05Z'),
      },
      { kind: 'faulty' },
    ]);
  });

  it.each([
    ['csv', 'email,created_at\na@x.example,yesterday\n', 'created_at'],
    ['csv', 'email,is_active\na@x.example,perhaps\n', 'is_active'],
    ['gatehouse', '{"email":"a@x.example","created_at":"never"}', 'created_at'],
    ['htpasswd', 'no colon', '(line)'],
  ])('of %s tells which field it cannot read: %j', async (format, content, field) => {
    expect(await users(format, content)).toMatchObject([{ kind: 'faulty', field }]);
  });

  it('never has more than a bounded part of it in memory', async () => {
    const row = `${JSON.stringify({ email: 'a@x.example', name: 'x'.repeat(1000) })}\n`;
    const file = await open('gatehouse', row.repeat(60_000));
    let seen = 0;
    let largest = 0;
    for await (const { content } of file.rows()) {
      seen += 1;
      if (content.kind === 'user' && seen % 5000 === 0)
        largest = Math.max(largest, file.bytesRead() - seen * row.length);
    }
    await file.close();
    expect(seen).toBe(60_000);
    // It reads no further ahead than a chunk.
    expect(largest).toBeLessThan(3 * 64 * 1024);
  });
});
