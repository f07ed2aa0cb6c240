import { readFileSync } from 'node:fs';
import { StartError, systemCodeOf } from '../errors.ts';

/**
 * The text of a file that a setting names; undefined when it names none.
 *
 * @param env the setting's name without the prefix
 * @throws StartError when it cannot be read
 */
export function readNamedFile(env: string, path: string): string;
export function readNamedFile(env: string, path: string | undefined): string | undefined;
export function readNamedFile(env: string, path: string | undefined): string | undefined {
  if (path === undefined) return undefined;
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new StartError(
      `The file of GATEHOUSE_${env} cannot be read: ${systemCodeOf(error)} (${path}).`,
      'Name a file that this user can read.',
      78,
      error,
    );
  }
}
