import { stripTypeScriptTypes } from 'node:module';
import { posix } from 'node:path';
import { SourceTextModule } from 'node:vm';
import type { SourceFile } from './source-file.ts';

/** One import of a file. */
export interface Import {
  /** As written: `./x.ts`, `koa`, `node:fs`. */
  specifier: string;
  /** Path from the root of the project; undefined for packages and for what Node brings. */
  file: string | undefined;
  /** Whether nothing of it is left when the program runs. */
  typeOnly: boolean;
}

const isCode = /\.(?:ts|js|mjs)$/;

/**
 * All imports of a file: `import`, `export … from`, `import()` of a literal, and types. Node itself reads the statements (it
 * must run with --experimental-vm-modules), so that no comment, text or template is taken for one.
 */
export function importsOf(file: SourceFile): Import[] {
  const read = alreadyRead.get(file) ?? readImports(file);
  alreadyRead.set(file, read);
  return read;
}

/** Several rules ask about the same files. */
const alreadyRead = new WeakMap<SourceFile, Import[]>();

function readImports({ path, text }: SourceFile): Import[] {
  if (!isCode.test(path)) return [];
  const values = new Set([...staticImports(path, text), ...dynamicImports(strip(path, text))]);
  const types = path.endsWith('.ts')
    ? [...staticImports(path, withoutTypeKeyword(text)), ...dynamicImports(text)]
    : [];
  const all = new Set([...values, ...types]);
  return [...all].map((specifier) => ({
    specifier,
    file: specifier.startsWith('.') ? posix.join(posix.dirname(path), specifier) : undefined,
    typeOnly: !values.has(specifier),
  }));
}

/** The package that a specifier names; undefined for our own files and for what Node brings. */
export function packageOf(specifier: string): string | undefined {
  if (specifier.startsWith('.') || specifier.startsWith('node:')) return undefined;
  const [first = '', second = ''] = specifier.split('/');
  return first.startsWith('@') ? `${first}/${second}` : first;
}

function staticImports(path: string, text: string): string[] {
  const { moduleRequests } = new SourceTextModule(strip(path, text), { identifier: path });
  return moduleRequests.map(({ specifier }) => specifier);
}

function dynamicImports(code: string): string[] {
  return [...withoutBlockComments(code).matchAll(/\bimport\(\s*(['"`])([^'"`$]+)\1/g)].map(
    ([, , specifier = '']) => specifier,
  );
}

/** With `import type { X }` as `import { X }`, types show up among the imports. `export type X = …` stays as it is. */
function withoutTypeKeyword(text: string): string {
  return text
    .replaceAll(/^import\s+type\s+(?=[{*\w])/gm, 'import ')
    .replaceAll(/^export\s+type\s+(?=(?:\*|\{[^}]*\})[^;'"]*\bfrom\b)/gm, 'export ');
}

function strip(path: string, text: string): string {
  const code = text.replace(/^#!.*/, '');
  return path.endsWith('.ts') ? stripTypeScriptTypes(code, { mode: 'strip' }) : code;
}

function withoutBlockComments(code: string): string {
  return code.replaceAll(/\/\*.*?\*\//gs, '');
}
