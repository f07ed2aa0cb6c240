import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import { AppError } from '../errors.ts';
import type { PageContext, PageMiddleware } from './context.ts';

export interface StaticFiles {
  /** First segment of the paths of this content. Below it answers may be kept for ever. */
  version: string;
  /** Answers GET and HEAD of `/<version>/<name>` and `/<name>`, relative to where it is mounted. */
  serve: PageMiddleware;
}

interface StaticFile {
  type: string;
  etag: string;
  plain: Buffer;
  /** By content coding; absent where it would save nothing. */
  compressed: () => Promise<ReadonlyMap<string, Buffer>>;
}

const types: Record<string, string> = {
  css: 'text/css; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  svg: 'image/svg+xml',
};

/** What is larger is compressed when it is asked for: most servers never serve it, and all of them start. */
const largestAtStart = 100_000;

/** Best first. */
const codings = ['br', 'gzip'] as const;

/**
 * Reads and compresses all static files once: requests never touch the file system, so no path can lead out of the
 * folder. One version for all of them lets modules import each other by relative paths.
 *
 * @param folder all .css, .js and .svg files below it are served under their relative names
 * @param vendored names under which single files of packages are served, and where they are
 */
export async function loadStaticFiles(
  folder: string,
  vendored: Readonly<Record<string, string>> = {},
): Promise<StaticFiles> {
  const own = (await readdir(folder, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile() && extensionOf(entry.name) in types)
    .map((entry) => join(entry.parentPath, entry.name))
    .map((path): [string, string] => [relative(folder, path).split(sep).join('/'), path]);
  const files = new Map(
    await Promise.all(
      [...own, ...Object.entries(vendored)].map(
        async ([name, path]) => [name, await load(name, await readFile(path))] as const,
      ),
    ),
  );
  const version = versionOf(files);
  return { version, serve: (ctx) => answer(ctx, files, version) };
}

async function answer(
  ctx: PageContext,
  files: ReadonlyMap<string, StaticFile>,
  version: string,
): Promise<void> {
  if (ctx.method !== 'GET' && ctx.method !== 'HEAD') {
    ctx.set('Allow', 'GET, HEAD');
    throw new AppError('method_not_allowed');
  }
  const [, first = '', rest] = /^\/([^/]+)(?:\/(.+))?$/.exec(ctx.path) ?? [];
  const current = first === version && rest !== undefined ? files.get(rest) : undefined;
  // A page of the version before or after ours, while servers are being replaced, gets our file but must not keep it.
  const file = current ?? files.get(ctx.path.slice(1)) ?? files.get(rest ?? '');
  if (file === undefined) throw new AppError('not_found');
  ctx.set('Cache-Control', current === undefined ? 'no-cache' : 'public, max-age=31536000, immutable');
  ctx.set('ETag', file.etag);
  ctx.vary('Accept-Encoding');
  ctx.status = 200;
  if (ctx.fresh) {
    ctx.status = 304;
    return;
  }
  const compressed = await file.compressed();
  const coding = ctx.acceptsEncodings(...compressed.keys(), 'identity');
  const body = typeof coding === 'string' ? compressed.get(coding) : undefined;
  if (body !== undefined && typeof coding === 'string') ctx.set('Content-Encoding', coding);
  ctx.type = file.type;
  ctx.body = body ?? file.plain;
}

async function load(name: string, plain: Buffer): Promise<StaticFile> {
  let kept: Promise<ReadonlyMap<string, Buffer>> | undefined;
  const compressed = () => {
    kept ??= compress(plain);
    return kept;
  };
  if (plain.length <= largestAtStart) await compressed();
  return {
    type: types[extensionOf(name)] ?? 'application/octet-stream',
    etag: `"${createHash('sha256').update(plain).digest('base64url').slice(0, 22)}"`,
    plain,
    compressed,
  };
}

async function compress(plain: Buffer): Promise<ReadonlyMap<string, Buffer>> {
  const [br, gz] = await Promise.all([compressBrotli(plain), promisify(gzip)(plain, { level: 9 })]);
  const compressed = new Map([br, gz].map((body, index) => [codings[index] ?? '', body] as const));
  return new Map([...compressed].filter(([, body]) => body.length < plain.length));
}

/** Quality 9: nearly as small as 11 and many times faster, for this is part of the start. */
const compressBrotli = (plain: Buffer): Promise<Buffer> =>
  promisify(brotliCompress)(plain, {
    params: { [constants.BROTLI_PARAM_QUALITY]: 9, [constants.BROTLI_PARAM_SIZE_HINT]: plain.length },
  });

function versionOf(files: ReadonlyMap<string, StaticFile>): string {
  const hash = createHash('sha256');
  for (const [name, { etag }] of [...files].sort(([a], [b]) => (a < b ? -1 : 1)))
    hash.update(`${name} ${etag}\n`);
  return hash.digest('base64url').slice(0, 12);
}

function extensionOf(name: string): string {
  return name.slice(name.lastIndexOf('.') + 1);
}
