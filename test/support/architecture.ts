import { fileURLToPath } from 'node:url';
import {
  findBagNames,
  findBarrels,
  findLongFiles,
  findMachineSpecifics,
  findSilencedChecks,
  findUnescapedTemplates,
  findUnreadableReadmes,
} from './architecture/file-rules.ts';
import {
  findForeignImports,
  findForeignPackages,
  findImpureSharedRules,
  findUndeclaredPackages,
  findUnexplainedPackages,
  findUnknownRooms,
} from './architecture/import-rules.ts';
import { findUngatedPasswords } from './architecture/password-rules.ts';
import { type Finding, readProject, type SourceFile } from './architecture/source-file.ts';

/** Every rule about how the project is laid out, as the sentence that it keeps true. */
export const rules: Readonly<Record<string, (files: readonly SourceFile[]) => Finding[]>> = {
  'rooms import only what the table allows them': findForeignImports,
  'all code is in a room that the table knows': findUnknownRooms,
  'packages are used only where they belong': findForeignPackages,
  'every imported package is named in package.json': findUndeclaredPackages,
  'of every package it is written down why it is here': findUnexplainedPackages,
  'rules shared by the domain are pure, and shared': findImpureSharedRules,
  'no file is longer than 250 lines, no test longer than 400': findLongFiles,
  'no file or folder has a name that gathers everything': findBagNames,
  'no file only passes on what others export': findBarrels,
  'every top-level folder with code has a README of at most 25 lines': findUnreadableReadmes,
  'no template prints anything unescaped': findUnescapedTemplates,
  'no check is silenced and no test is left out': findSilencedChecks,
  'passwords are compared in one place only': findUngatedPasswords,
  'nothing names a folder of one machine or the host of a registry': findMachineSpecifics,
};

/** The project that this file is part of. */
export const readThisProject = (): SourceFile[] =>
  readProject(fileURLToPath(new URL('../..', import.meta.url)));

// Run as a program, by check.ts: prints what breaks a rule and exits with 1.
if (import.meta.main) {
  const files = readThisProject();
  const lines = Object.entries(rules).flatMap(([rule, find]) =>
    find(files).map(({ path, problem }) => `${path} ${problem}\n    (${rule})`),
  );
  if (lines.length > 0) console.error(lines.join('\n'));
  process.exitCode = lines.length === 0 ? 0 : 1;
}
