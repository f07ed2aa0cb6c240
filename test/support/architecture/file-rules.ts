import type { Finding, SourceFile } from './source-file.ts';

const limits = { code: 250, tests: 400, readme: 25 };
/** The one file in which the gaps of the engine's types are bridged, each with its reason. */
const typeGaps = 'server/oidc/type-gaps.ts';
const isCode = (path: string) => /\.(?:ts|js|mjs)$/.test(path);

/** Files that are longer than a reader keeps in mind. */
export function findLongFiles(files: readonly SourceFile[]): Finding[] {
  return files.flatMap(({ path, text }) => {
    const limit = path.startsWith('test/') ? limits.tests : limits.code;
    const lines = countLines(text);
    const isMeant = isCode(path) || path.endsWith('.pug');
    return isMeant && lines > limit ? [{ path, problem: `has ${lines} lines; ${limit} are allowed` }] : [];
  });
}

/** Names that say nothing about what is inside, and so gather everything. */
export function findBagNames(files: readonly SourceFile[]): Finding[] {
  const bag = /^(?:utils?|helpers?|commons?|managers?|misc)$|[-.](?:utils?|helpers?|manager)$/i;
  return files.flatMap(({ path }) =>
    path
      .split('/')
      .map((part) => part.replace(/\.[^.]+$/, ''))
      .filter((part) => bag.test(part))
      .map((part) => ({ path, problem: `"${part}" says nothing about what is inside` })),
  );
}

/** Files that only pass on what is in others. */
export function findBarrels(files: readonly SourceFile[]): Finding[] {
  const passesOn =
    /^\s*export\s+(?:type\s+)?(?:\*(?:\s+as\s+\w+)?|\{[^}]*\})\s*from\s*(['"])[^'"]+\1\s*(?:;|$)/gm;
  return files
    .filter(({ path }) => isCode(path) && !path.endsWith('.d.ts'))
    .filter(({ text }) => {
      const bare = text.replaceAll(/\/\*.*?\*\/|^\s*\/\/[^\n]*$/gms, '');
      const rest = bare.replaceAll(passesOn, '').replaceAll(/^\s*import\b[^;]*;/gm, '');
      return rest !== bare && passesOnOnly(rest) && /\bexport\b/.test(bare);
    })
    .map(({ path }) => ({ path, problem: 'only passes on what other files export; import from those' }));
}

/** Without statements of its own: at most `export { a, b };` of what was imported. */
function passesOnOnly(rest: string): boolean {
  return rest.replaceAll(/^\s*export\s+(?:type\s+)?\{[^}]*\}\s*;?/gm, '').trim() === '';
}

/** Top-level folders with code whose README is missing or too long to be read. */
export function findUnreadableReadmes(files: readonly SourceFile[]): Finding[] {
  const folders = new Set(
    files
      .filter(
        ({ path }) => (isCode(path) || path.endsWith('.pug')) && path.includes('/') && !path.startsWith('.'),
      )
      .map(({ path }) => path.slice(0, path.indexOf('/'))),
  );
  return [...folders].flatMap((folder) => {
    const path = `${folder}/README.md`;
    const readme = files.find((file) => file.path === path);
    if (readme === undefined) return [{ path, problem: 'is missing' }];
    const lines = countLines(readme.text);
    return lines > limits.readme
      ? [{ path, problem: `has ${lines} lines; ${limits.readme} are allowed` }]
      : [];
  });
}

/** Templates that print something unescaped: `!=`, `!{…}`, and tags that are switched to raw HTML. */
export function findUnescapedTemplates(files: readonly SourceFile[]): Finding[] {
  return files
    .filter(({ path }) => path.endsWith('.pug'))
    .flatMap(({ path, text }) =>
      text.split('\n').flatMap((line, index) => {
        const isRaw = /!\{|!=(?!=)/.test(line);
        return isRaw ? [{ path, problem: `line ${index + 1} prints something unescaped` }] : [];
      }),
    );
}

/** Checks that were silenced instead of satisfied, and tests that do not run. */
export function findSilencedChecks(files: readonly SourceFile[]): Finding[] {
  const silenced =
    /@ts-(?:ignore|expect-error|nocheck)|(?:biome|oxlint|eslint)-(?:ignore|disable)|\bas unknown as\b/;
  const leftOut = /\b(?:it|test|describe)\.(?:skip|only|todo|failing)\b|\bx(?:it|test|describe)\(/;
  return files
    .filter(({ path }) => isCode(path) && path !== typeGaps)
    .flatMap(({ path, text }) =>
      text.split('\n').flatMap((line, index) => {
        if (silenced.test(line)) return [{ path, problem: `line ${index + 1} silences a check` }];
        return leftOut.test(line) ? [{ path, problem: `line ${index + 1} leaves tests out` }] : [];
      }),
    );
}

/** Folders of somebody's machine, and hosts of a package registry: both work in one place only. */
export function findMachineSpecifics(files: readonly SourceFile[]): Finding[] {
  const folder = /(?<![\w.~:/-])\/(?:home|Users|root|work|workspace)\/[\w.-]+|\b[A-Z]:\\Users\\/;
  const registry = /"resolved":\s*"http|https?:\/\/[\w.-]*(?:registry|npmmirror|jfrog|artifactory)[\w.-]*/;
  return files.flatMap(({ path, text }) =>
    text.split('\n').flatMap((line, index) => {
      if (registry.test(line))
        return [{ path, problem: `line ${index + 1} names the host of a package registry` }];
      return folder.test(line) ? [{ path, problem: `line ${index + 1} names a folder of one machine` }] : [];
    }),
  );
}

function countLines(text: string): number {
  return text.split('\n').length - (text.endsWith('\n') ? 1 : 0);
}
