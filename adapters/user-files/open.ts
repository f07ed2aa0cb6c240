import { createHash } from 'node:crypto';
import type { Readable } from 'node:stream';
import type { FileRow, UserFile } from '../../server/accounts/import/user-file.ts';
import { fromAuth0 } from './auth0.ts';
import { type ByteSource, openBytes } from './byte-source.ts';
import { type CsvOptions, readCsv } from './csv.ts';
import { fromDjango } from './django.ts';
import { firebasePaths, makeFromFirebase, readFirebaseParameters } from './firebase.ts';
import { fromArrayOrLines, fromDocument, fromLines } from './from-json.ts';
import { fromGatehouse } from './gatehouse.ts';
import { sniff } from './json-document.ts';
import { fromKeycloak, keycloakPaths } from './keycloak.ts';
import { readLdif } from './ldif.ts';
import { readPasswordLines } from './password-lines.ts';

export interface UserFileOptions extends CsvOptions {
  format: string;
  /** `-` is standard input. */
  path: string;
  standardInput: Readable;
  /** As Firebase's console shows them. */
  firebaseParameters: string | undefined;
}

type Reader = (chunks: AsyncIterable<Buffer>, options: UserFileOptions) => AsyncIterable<FileRow>;

/** Every format that people are imported from. */
const formats: Readonly<Record<string, Reader>> = {
  gatehouse: (chunks) => fromLines(chunks, fromGatehouse),
  csv: readCsv,
  keycloak: (chunks) => fromDocument(chunks, keycloakPaths, fromKeycloak),
  auth0: (chunks) => fromArrayOrLines(chunks, fromAuth0),
  firebase: (chunks, { firebaseParameters: given }) =>
    fromDocument(
      chunks,
      firebasePaths,
      makeFromFirebase(given === undefined ? undefined : readFirebaseParameters(given)),
    ),
  django: readDjango,
  wordpress: readCsv,
  htpasswd: (chunks) => readPasswordLines(chunks, 'htpasswd'),
  shadow: (chunks) => readPasswordLines(chunks, 'shadow'),
  ldif: readLdif,
};

/** `dumpdata` in any of its JSON forms, or a table. */
async function* readDjango(chunks: AsyncIterable<Buffer>, options: UserFileOptions): AsyncGenerator<FileRow> {
  const { first, all } = await sniff(chunks);
  yield* first === '[' || first === '{' ? fromArrayOrLines(all, fromDjango) : readCsv(all, options);
}

/**
 * Opens a file of people.
 *
 * @throws StartError when it cannot be read
 */
export async function openUserFile(options: UserFileOptions): Promise<UserFile & { close(): Promise<void> }> {
  const read = formats[options.format];
  if (read === undefined) throw new Error(`no reader for ${options.format}`);
  const source = await openBytes(options.path, options.standardInput);
  return {
    id: idOf(source, options),
    size: source.size,
    rows: () => read(source.chunks(), options),
    bytesRead: source.bytesRead,
    close: source.close,
  };
}

function idOf({ sha256 }: ByteSource, options: UserFileOptions): string | undefined {
  if (sha256 === undefined) return undefined;
  const { format, columns, delimiter } = options;
  const how = JSON.stringify([sha256, format, Object.entries(columns), delimiter]);
  return createHash('sha256').update(how).digest('hex');
}
