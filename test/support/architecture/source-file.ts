import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A file of the project: its path from the root, with forward slashes, and what is in it. */
export interface SourceFile {
  path: string;
  text: string;
}

/** Something that breaks a rule, for a reader who does not know the rule. */
export interface Finding {
  path: string;
  problem: string;
}

/** Every file that is, or will be with the next commit, part of the project. Files that are no text are left out. */
export function readProject(root: string): SourceFile[] {
  const listed = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  return [...new Set(listed.split('\0'))]
    .filter((path) => path !== '')
    .flatMap((path) => {
      const text = readText(join(root, path));
      return text === undefined || text.includes('\0') ? [] : [{ path, text }];
    });
}

/** Undefined for a file that was deleted and not yet committed. */
function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
