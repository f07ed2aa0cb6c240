import { readFileSync, writeFileSync } from 'node:fs';
import { scripts } from './scripts.ts';

/**
 * Writes the data of skeleton.ts out of the table of UTS #39, as it is in Debian's source package `icu`:
 *
 *   apt-get source icu
 *   node server/accounts/names/generate-confusables.ts icu-72.1/source/data/unidata/confusables.txt
 *
 * Only what a user name can hold in its compared form is kept.
 */
const [, , path] = process.argv;
if (path === undefined) throw new Error('name the file confusables.txt');

const table = readFileSync(path, 'utf8').replace(/^\uFEFF/, '');
const version = /^# Version: (\S+)/m.exec(table)?.[1];
const inNames = /^[\p{L}\p{M}\p{Nd}._-]$/u;
const ofScript = new RegExp(
  `^[${['Common', 'Inherited', ...scripts].map((one) => `\\p{scx=${one}}`).join('')}]$`,
  'u',
);

const pairs = table.split('\n').flatMap((line) => {
  const [from = '', to = ''] =
    line
      .split('#')[0]
      ?.split(';')
      .map((part) => part.trim()) ?? [];
  if (!/^[0-9A-F]+$/.test(from) || to === '') return [];
  const source = String.fromCodePoint(Number.parseInt(from, 16));
  if (!inNames.test(source) || !ofScript.test(source)) return [];
  if (source.normalize('NFKC').toLowerCase() !== source) return [];
  return [`${from}=${to.replaceAll(' ', '+')}`];
});

const target = new URL('skeleton.ts', import.meta.url);
const source = readFileSync(target, 'utf8');
const written = source
  .replace(
    /const confusableForms =\n {2}'[^']*'/,
    () => `const confusableForms =\n  '${pairs.join(' ').toLowerCase()}'`,
  )
  .replace(/confusables\.txt, version [\d.]+/, `confusables.txt, version ${version}`);
writeFileSync(target, written);
