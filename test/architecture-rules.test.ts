import { describe, expect, it } from '@jest/globals';
import {
  findBagNames,
  findBarrels,
  findLongFiles,
  findMachineSpecifics,
  findSilencedChecks,
  findUnescapedTemplates,
  findUnreadableReadmes,
} from './support/architecture/file-rules.ts';
import {
  findForeignImports,
  findForeignPackages,
  findImpureSharedRules,
  findUndeclaredPackages,
  findUnexplainedPackages,
  findUnknownRooms,
} from './support/architecture/import-rules.ts';
import { sharedRules } from './support/architecture/import-table.ts';
import { findUngatedPasswords } from './support/architecture/password-rules.ts';
import { rules } from './support/architecture.ts';

const file = (path: string, text = '') => ({ path, text });
/** A file of so many lines. */
const longFile = (path: string, lines: number) => file(path, '\n'.repeat(lines));
/** Put together here, so that this file itself does not hold what it looks for. */
const glue = (...parts: string[]) => parts.join('');

describe('the table of imports', () => {
  it.each([
    [
      'the domain uses another room of the domain',
      'server/accounts/a.ts',
      "import { b } from '../clients/b.ts';",
    ],
    [
      'the domain knows an adapter',
      'server/accounts/a.ts',
      "import type { B } from '../../adapters/postgres/b.ts';",
    ],
    ['the domain knows a page', 'server/sessions/a.ts', "import type { B } from '../../interactions/b.ts';"],
    ['the domain knows the HTTP room', 'server/keys/a.ts', "import type { B } from '../http/b.ts';"],
    ['an adapter uses another one', 'adapters/redis/a.ts', "import { b } from '../postgres/b.ts';"],
    ['an adapter knows another one', 'adapters/redis/a.ts', "import type { B } from '../postgres/b.ts';"],
    [
      'an adapter uses code of the domain',
      'adapters/redis/a.ts',
      "import { b } from '../../server/clients/b.ts';",
    ],
    ['a page uses an adapter', 'interactions/a.ts', "import { b } from '../adapters/postgres/b.ts';"],
    ['a page uses the admin API', 'interactions/a.ts', "import { b } from '../server/admin/b.ts';"],
    ['the app uses the domain', 'server/app.ts', "import { b } from './accounts/b.ts';"],
    ['the HTTP room uses the domain', 'server/http/a.ts', "export { b } from '../keys/b.ts';"],
    ['the process uses an adapter', 'server/process/a.ts', "import { b } from '../../adapters/net/b.ts';"],
    ['a migration uses ours', 'migrations/0002_x.ts', "import { b } from '../server/ids.ts';"],
    ['conformance knows ours', 'conformance/a.ts', "import type { B } from '../server/config/b.ts';"],
    ['a view uses ours', 'views/static/a.js', "import { b } from '../../server/ids.ts';"],
    ['code of ours uses a test', 'server/oidc/a.ts', "import { b } from '../../test/support/b.ts';"],
    ['the import is for its effect', 'server/accounts/a.ts', "import '../clients/b.ts';"],
    ['the import is dynamic', 'server/accounts/a.ts', "const b = await import('../clients/b.ts');"],
    ['a type is fetched on the spot', 'server/keys/a.ts', "type B = import('../http/b.ts').B;"],
    ['only the name is of a type', 'server/accounts/a.ts', "import { type B } from '../clients/b.ts';"],
    ['it stretches over lines', 'server/accounts/a.ts', "import {\n  a,\n  b,\n} from '../clients/b.ts';"],
    ['everything is passed on', 'server/accounts/a.ts', "export * from '../clients/b.ts';"],
    ['a type is passed on', 'server/keys/a.ts', "export type { B } from '../http/b.ts';"],
  ])('is broken when %s', (_why, path, text) => {
    expect(findForeignImports([file(path, text)])).toEqual([
      { path, problem: expect.stringMatching(/^must not import (code from|the types of) \S+$/) },
    ]);
  });

  it.each([
    [
      'types of the domain in the domain',
      'server/accounts/a.ts',
      "import type { B } from '../clients/b.ts';",
    ],
    ['the kernel in the domain', 'server/accounts/a.ts', "import { AppError } from '../errors.ts';"],
    ['a neighbour in the same room', 'adapters/postgres/a.ts', "import { b } from './b.ts';"],
    ['ports in an adapter', 'adapters/redis/a.ts', "import type { B } from '../../server/clients/b.ts';"],
    [
      'a shared rule in an adapter',
      'adapters/mail/a.ts',
      `import { b } from '../../${Object.keys(sharedRules)[0]}';`,
    ],
    ['the domain in a page', 'interactions/a.ts', "import { b } from '../server/accounts/b.ts';"],
    [
      'adapters where all is composed',
      'server/compose/a.ts',
      "import { b } from '../../adapters/redis/b.ts';",
    ],
    [
      'what only looks like an import',
      'server/accounts/a.ts',
      "const a = `\nimport { b } from '../http/b.ts';\n`;",
    ],
    ['what stands in a comment', 'server/accounts/a.ts', "/*\nimport { b } from '../http/b.ts';\n*/"],
    [
      'types that are declared and passed on',
      'server/keys/a.ts',
      'type A = 1;\nexport type { A };\nexport type B = A;',
    ],
  ])('allows %s', (_what, path, text) => {
    expect(findForeignImports([file(path, text)])).toEqual([]);
  });

  it('sees code in a room that it does not know', () => {
    const findings = findUnknownRooms([file('server/stuff/a.ts'), file('lib/a.js'), file('jest.config.js')]);
    expect(findings.map(({ path }) => path)).toEqual(['server/stuff/a.ts', 'lib/a.js']);
  });

  it.each([
    ['koa in the domain', 'server/authn/a.ts', "import Koa from 'koa';"],
    ['types of koa in the domain', 'server/authn/a.ts', "import type { Context } from 'koa';"],
    ['a router of koa in the domain', 'server/authn/a.ts', "import Router from '@koa/router';"],
    ['the driver in the domain', 'server/clients/a.ts', "import pg from 'pg';"],
    ['knex in a page', 'interactions/a.ts', "import type { Knex } from 'knex';"],
    ['the engine in the domain', 'server/sessions/a.ts', "import { errors } from 'oidc-provider';"],
    ['mail in the domain', 'server/outbox/a.ts', "import { createTransport } from 'nodemailer';"],
    ['a directory in the domain', 'server/directory/a.ts', "import { Client } from 'ldapts';"],
    ['koa in an adapter', 'adapters/redis/a.ts', "import limit from 'koa-ratelimit';"],
  ])('keeps out %s', (_what, path, text) => {
    expect(findForeignPackages([file(path, text)])).toHaveLength(1);
  });

  it('sees packages that package.json does not name, and tools used at run time', () => {
    const manifest = file(
      'package.json',
      '{"dependencies":{"zod":"1"},"devDependencies":{"jest":"1","@types/koa":"1"}}',
    );
    const findings = findUndeclaredPackages([
      manifest,
      file('server/a.ts', "import 'zod/v4'; import 'node:fs'; import type Koa from 'koa';"),
      file('server/b.ts', "import 'jest';"),
      file('server/c.ts', "import 'jose';"),
      file('test/d.ts', "import 'jest';"),
    ]);
    expect(findings.map(({ path }) => path)).toEqual(['server/b.ts', 'server/c.ts']);
  });

  it('wants a reason for each package, and none for packages that are not there', () => {
    const manifest = { dependencies: { koa: '1' }, devDependencies: { jest: '1' } };
    const findings = findUnexplainedPackages([
      file('package.json', JSON.stringify(manifest)),
      file('docs/packages.md', '| package | why |\n|---|---|\n| `koa`, `knex` | hosts `jest` |'),
    ]);
    expect(findings.map(({ problem }) => problem)).toEqual([
      'does not say why jest is here',
      'explains knex, which is not here',
    ]);
  });

  it('wants shared rules to be pure and used', () => {
    const [shared = ''] = Object.keys(sharedRules);
    const impure = file(shared, "import { b } from '../clients/b.ts';\nimport { e } from '../errors.ts';");
    const user = file('server/clients/user.ts', `import { a } from '../../${shared}';`);
    const problems = findImpureSharedRules([impure, user]).filter(({ path }) => path === shared);
    expect(problems).toEqual([
      { path: shared, problem: expect.stringContaining('must not import server/clients/b.ts') },
    ]);
    expect(findImpureSharedRules([file(shared)])).toContainEqual({
      path: shared,
      problem: expect.stringContaining('no other room uses it'),
    });
  });
});

describe('the rules for files', () => {
  it('are all among those that the house is checked by', () => {
    expect(Object.values(rules)).toEqual(
      expect.arrayContaining([findForeignImports, findLongFiles, findMachineSpecifics, findSilencedChecks]),
    );
  });

  it('see a file that is too long', () => {
    const files = [
      longFile('server/a.ts', 251),
      longFile('views/a.pug', 251),
      longFile('views/a.js', 250),
      longFile('test/a.test.ts', 401),
      longFile('test/b.test.ts', 400),
      longFile('package-lock.json', 9000),
    ];
    expect(findLongFiles(files).map(({ path }) => path)).toEqual([
      'server/a.ts',
      'views/a.pug',
      'test/a.test.ts',
    ]);
  });

  it.each([
    'server/utils/a.ts',
    'server/util.ts',
    'helpers/a.ts',
    'adapters/common/a.ts',
    'server/key-manager.ts',
    'a/date-utils.ts',
  ])('see that the name %s gathers everything', (path) =>
    expect(findBagNames([file(path), file('server/management.ts')])).toHaveLength(1),
  );

  it.each([
    ["export * from './a.ts';"],
    ["// all of it\nexport { a, type B } from './a.ts';\nexport type { C } from './c.ts';"],
    ["import { a } from './a.ts';\nexport { b } from './b.ts';\nexport { a };"],
  ])('see that a file only passes on: %j', (text) => {
    expect(findBarrels([file('server/index.ts', text)])).toHaveLength(1);
  });

  it.each([
    ["export { a } from './a.ts';\nexport const b = 1;"],
    ["import './main.ts';"],
    ["import { a } from './a.ts';\nawait a();"],
    ['const a = 1;\nexport { a };'],
  ])('do not take for such a file: %j', (text) => {
    expect(findBarrels([file('server/a.ts', text)])).toEqual([]);
  });

  it('see a folder without README and a README that is too long', () => {
    const files = [
      file('server/a.ts'),
      longFile('server/README.md', 25),
      file('views/a.pug'),
      longFile('views/README.md', 26),
      file('test/a.ts'),
      file('docs/a.md'),
    ];
    expect(findUnreadableReadmes(files)).toEqual([
      { path: 'views/README.md', problem: 'has 26 lines; 25 are allowed' },
      { path: 'test/README.md', problem: 'is missing' },
    ]);
  });

  it.each(['p!= name', 'a(href!=url)', 'p Hello !{name}', '!= name', 'if a != b'])(
    'see that %s is unescaped',
    (line) => {
      expect(findUnescapedTemplates([file('views/a.pug', `div\n  ${line}`)])).toEqual([
        { path: 'views/a.pug', problem: 'line 2 prints something unescaped' },
      ]);
    },
  );

  it('leave escaped templates alone', () => {
    const text = 'if a !== b\n  p= name\n  p Hello #{name}!\n  a(href=url) Go!';
    expect(findUnescapedTemplates([file('views/a.pug', text), file('server/a.ts', 'a != b')])).toEqual([]);
  });

  it.each([
    glue('// @ts', '-ignore'),
    glue('// @ts', '-expect-error why'),
    glue('/* biome', '-ignore lint/x: y */'),
    glue('// oxlint', '-disable-next-line'),
    glue('const a = b as', ' unknown as C;'),
    glue('it.', "skip('x', () => {});"),
    glue('describe.', "only('x', () => {});"),
    glue('  x', "it('x', () => {});"),
  ])('see that %s evades a check', (line) => {
    expect(findSilencedChecks([file('server/a.ts', line)])).toHaveLength(1);
  });

  it.each([
    'const verdict = await deps.hasher.verify(password, stored);',
    'const { verify } = deps.hasher;',
    'async function check({ verify }: PasswordHasher)',
    "hasher: Pick<PasswordHasher, 'hash' | 'verify'>;",
    'await passwordHasher.verify(given, undefined)',
  ])('see a password that is compared past the gate: %s', (line) => {
    const elsewhere = [file('server/accounts/a.ts', line), file('interactions/a.ts', line)];
    expect(findUngatedPasswords([...elsewhere, file('server/authn/lockout/gate.ts', line)])).toHaveLength(2);
  });

  it.each([
    ['', 'home', 'somebody', 'gatehouse'].join('/'),
    ['file:', '', '', 'Users', 'somebody'].join('/').replace('file://', ''),
    ['"path": "', 'root', 'x"'].join('/'),
    ['C:', 'Users', 'somebody'].join('\\'),
    glue('https://', 'registry', '.npmjs.org/koa/-/koa-3.3.0.tgz'),
    glue('"resolved": ', '"https://packages.example/koa.tgz"'),
  ])('see that %s works on one machine only', (line) => {
    expect(findMachineSpecifics([file('package-lock.json', line)])).toHaveLength(1);
  });

  it('leave addresses and folders of every machine alone', () => {
    const text =
      'https://example.org/home/page /tmp/x /usr/bin/node ./work/x ~/root/x "http://localhost:3000/users/1"';
    expect(findMachineSpecifics([file('README.md', text)])).toEqual([]);
  });
});
