import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { StartError } from '../../server/errors.ts';
import { syncDirectory, writeDurably } from './secrets.ts';

const file = 'moved.json';

/**
 * Notes that the database of this directory lives on elsewhere. A server that went on with the old one would take codes and
 * refresh tokens that have been used there, and nobody would see what it writes.
 */
export function markMoved(dataDirectory: string, to: string, at: Date): void {
  const text = `${JSON.stringify({ to, at: at.toISOString() }, null, 2)}\n`;
  writeDurably(join(dataDirectory, file), text);
  syncDirectory(dataDirectory);
}

/** @throws StartError when the database of this directory was moved */
export function refuseMoved(dataDirectory: string): void {
  const path = join(dataDirectory, file);
  if (!existsSync(path)) return;
  throw new StartError(
    `The database in ${dataDirectory} was moved${describeMove(path)}, and what happens there is not known here.`,
    `Set GATEHOUSE_DATABASE_URL to that database. To go back to the old state for good, remove ${path}.`,
  );
}

function describeMove(path: string): string {
  try {
    const { to, at }: Record<string, unknown> = JSON.parse(readFileSync(path, 'utf8'));
    return ` to ${String(to)} on ${String(at)}`;
  } catch {
    return '';
  }
}
