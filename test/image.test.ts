import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { importsOf } from './support/architecture/imports.ts';
import { readThisProject } from './support/architecture.ts';

const read = (name: string) => readFileSync(new URL(`../${name}`, import.meta.url), 'utf8');
const dockerfile = read('Dockerfile').replaceAll(/^#.*\n/gm, '');
const manifest = JSON.parse(read('package.json'));
const copied = [...dockerfile.matchAll(/^COPY (?!--from)(.+) \S+$/gm)].flatMap(([, names = '']) =>
  names.split(' '),
);

describe('the image', () => {
  it('runs the very Node that npm ci brings elsewhere', () => {
    const versions: unknown[] = Object.values(manifest.optionalDependencies);
    expect(new Set(versions)).toEqual(new Set([/^ARG NODE_VERSION=(.+)$/m.exec(dockerfile)?.[1]]));
    expect(dockerfile.match(/^FROM .*$/gm)).toEqual([
      expect.stringMatching(/^FROM node:\$\{NODE_VERSION\}-slim/),
      expect.stringMatching(/^FROM node:\$\{NODE_VERSION\}-slim/),
    ]);
  });

  it('has every file that the running server imports', () => {
    const files = readThisProject();
    const seen = new Set<string>();
    const follow = (path: string): void => {
      if (seen.has(path)) return;
      seen.add(path);
      const source = files.find((file) => file.path === path);
      for (const { file, typeOnly } of source === undefined ? [] : importsOf(source)) {
        if (file !== undefined && !typeOnly) follow(file);
      }
    };
    for (const entry of ['server/start.js', 'server/gatehouse.js']) follow(entry);
    const folders = new Set([...seen].map((path) => path.split('/')[0] ?? ''));
    expect(seen.size).toBeGreaterThan(100);
    expect(copied).toEqual(expect.arrayContaining([...folders, 'views', 'migrations', 'package.json']));
  });

  it('lets into its build what it copies, and nothing else', () => {
    const lines = read('.dockerignore')
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'));
    const [first, ...rest] = lines;
    expect(first).toBe('*');
    const letIn = rest.filter((line) => line.startsWith('!')).map((line) => line.slice(1));
    expect(new Set(letIn)).toEqual(new Set(copied));
  });

  it('ends as a user without name and rights, with the server as the process that gets the signals', () => {
    expect(dockerfile).toMatch(/^USER 10001:10001$/m);
    const [environment, command] = manifest.scripts.start.split(' exec ');
    const started = command.split(' ');
    expect(dockerfile).toMatch(new RegExp(`^ENV .*\\b${environment}\\b`, 'm'));
    expect(dockerfile).toContain(`\nCMD ${JSON.stringify(started).replaceAll(',', ', ')}\n`);
    expect(dockerfile).toMatch(/^HEALTHCHECK [^\n]*\\\n\s+CMD \["node", /m);
  });

  it('brings no tools of development', () => {
    expect(dockerfile).toMatch(/npm ci --omit=dev/);
    expect(copied).not.toEqual(expect.arrayContaining(['.']));
  });
});
