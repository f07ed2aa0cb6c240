import { domain, everything, packageRooms, roomOf, ruleOf, sharedRules } from './import-table.ts';
import { type Import, importsOf, packageOf } from './imports.ts';
import type { Finding, SourceFile } from './source-file.ts';

/** Imports between rooms that the table does not allow. */
export function findForeignImports(files: readonly SourceFile[]): Finding[] {
  return files.flatMap((file) =>
    importsOf(file).flatMap((imported) => {
      const target = imported.file;
      return target === undefined || isAllowed(file.path, target, imported.typeOnly)
        ? []
        : [{ path: file.path, problem: `must not import ${describe(imported)} ${target}` }];
    }),
  );
}

/** Packages used in rooms that they do not belong to, above all koa and the database in the domain. */
export function findForeignPackages(files: readonly SourceFile[]): Finding[] {
  return files.flatMap((file) =>
    importsOf(file).flatMap((imported) => {
      const name = packageOf(imported.specifier);
      const owner = packageRooms.find(({ packages }) => name !== undefined && packages.test(name));
      const room = roomOf(file.path);
      const isAtHome =
        owner === undefined || room === 'test' || room === 'conformance' || isWithin(room, owner.rooms);
      return isAtHome ? [] : [{ path: file.path, problem: `must not import the package ${name}` }];
    }),
  );
}

/** Packages that package.json does not name: they are there by chance and go when somebody else drops them. */
export function findUndeclaredPackages(files: readonly SourceFile[]): Finding[] {
  const manifest = JSON.parse(files.find(({ path }) => path === 'package.json')?.text ?? '{}');
  const atRunTime = new Set(Object.keys(manifest.dependencies ?? {}));
  const inTests = new Set([...atRunTime, ...Object.keys(manifest.devDependencies ?? {})]);
  const forTests = new Set(['test', 'conformance', 'deploy']);
  return files.flatMap((file) =>
    importsOf(file).flatMap(({ specifier, typeOnly }) => {
      const name = packageOf(specifier);
      const declared = forTests.has(roomOf(file.path)) || typeOnly ? inTests : atRunTime;
      const isDeclared =
        name === undefined || declared.has(name) || (typeOnly && declared.has(typesOf(name)));
      return isDeclared
        ? []
        : [{ path: file.path, problem: `imports ${name}, which package.json does not name` }];
    }),
  );
}

/** Packages of which docs/packages.md does not say why they are here, and words there about packages that are not. */
export function findUnexplainedPackages(files: readonly SourceFile[]): Finding[] {
  const path = 'docs/packages.md';
  const textOf = (wanted: string) => files.find((file) => file.path === wanted)?.text ?? '';
  const manifest = JSON.parse(textOf('package.json') || '{}');
  const { dependencies, optionalDependencies, devDependencies } = manifest;
  const named = Object.keys({ ...dependencies, ...optionalDependencies, ...devDependencies });
  const rows = textOf(path)
    .split('\n')
    .filter((line) => line.startsWith('| `'));
  const explained = rows.flatMap((row) =>
    [...(row.split('|')[1] ?? '').matchAll(/`([^`]+)`/g)].map(([, name]) => String(name)),
  );
  return [
    ...named.filter((name) => !explained.includes(name)).map((name) => `does not say why ${name} is here`),
    ...explained.filter((name) => !named.includes(name)).map((name) => `explains ${name}, which is not here`),
  ].map((problem) => ({ path, problem }));
}

/** Shared rules that are not pure, or that nobody needs to be shared any more. */
export function findImpureSharedRules(files: readonly SourceFile[]): Finding[] {
  const imports = files.map((file) => ({ ...file, imports: importsOf(file) }));
  return Object.keys(sharedRules).flatMap((path) => {
    const used = imports.some(
      (file) =>
        // What another shared rule is made of is shared with it.
        (roomOf(file.path) !== roomOf(path) || file.path in sharedRules) &&
        file.imports.some((imported) => imported.file === path && !imported.typeOnly),
    );
    const impure = (imports.find((file) => file.path === path)?.imports ?? []).filter(
      ({ file, typeOnly }) => file !== undefined && !typeOnly && !(file in sharedRules) && !isKernel(file),
    );
    return [
      ...(used ? [] : [{ path, problem: 'is on the list of shared rules, but no other room uses it' }]),
      ...impure.map(({ file }) => ({ path, problem: `is a shared rule, so it must not import ${file}` })),
    ];
  });
}

/** Code in a place that the table has no room for. */
export function findUnknownRooms(files: readonly SourceFile[]): Finding[] {
  return files
    .filter(
      ({ path }) => /\.(?:ts|js)$/.test(path) && path.includes('/') && ruleOf(roomOf(path)) === undefined,
    )
    .map(({ path }) => ({ path, problem: 'is in a room that the import table does not know' }));
}

function isAllowed(from: string, to: string, typeOnly: boolean): boolean {
  const [room, target] = [roomOf(from), roomOf(to)];
  const rule = ruleOf(room);
  if (room === target || rule === undefined || rule === everything) return true;
  if (isWithin(target, rule.uses)) return true;
  if (typeOnly) return isWithin(target, rule.knows);
  const isInsider = room.startsWith('server/') || room.startsWith('adapters/') || room === 'interactions';
  return isInsider && to in sharedRules && isWithin(target, domain);
}

/** Whether a room is one of these or in one of these folders: adapters/postgres is within adapters. */
function isWithin(room: string, rooms: readonly string[]): boolean {
  return rooms.some((other) => room === other || room.startsWith(`${other}/`));
}

function isKernel(path: string): boolean {
  return isWithin(path, ruleOf('server/keys')?.uses ?? []);
}

function describe({ typeOnly }: Import): string {
  return typeOnly ? 'the types of' : 'code from';
}

function typesOf(name: string): string {
  return `@types/${name.replace(/^@([^/]+)\//, '$1__')}`;
}
