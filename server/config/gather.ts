import { closest } from 'fastest-levenshtein';
import { systemCodeOf } from '../errors.ts';
import { entries, fileVariable, knownNames } from './catalogue.ts';
import type { Fault } from './fault.ts';
import { isPath, prefix, type Setting } from './setting.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** Reads a text file; throws when it cannot. */
export type ReadFile = (path: string) => string;

/** Where a text comes from. */
export type Origin = { kind: 'environment' } | { kind: 'file'; path: string };

export interface Gathered {
  /** By variable name without prefix: the text that was given, and how. */
  texts: Map<string, { text: string; origin: Origin }>;
  /** Variables (without prefix) that were set in some form, whether or not a text could be had. */
  given: Set<string>;
  faults: Fault[];
}

/** Reads every `GATEHOUSE_*` variable and the files that they name. Understands no value yet. */
export function gather(env: Environment, readFile: ReadFile): Gathered {
  const gathered: Gathered = { texts: new Map(), given: new Set(), faults: unknownNames(env) };
  for (const { setting } of entries) {
    const found = findText(setting, env, readFile);
    if (found === undefined) continue;
    gathered.given.add(setting.env);
    if ('remedy' in found) gathered.faults.push(found);
    else gathered.texts.set(setting.env, found);
  }
  return gathered;
}

/** What Kubernetes sets in every container beside a Service called `gatehouse`. */
const serviceLink = /^GATEHOUSE_(\w+_)?(SERVICE_HOST|SERVICE_PORT(_\w+)?|PORT_\d+_(TCP|UDP|SCTP)(_\w+)?)$/;

function unknownNames(env: Environment): Fault[] {
  const known = new Set(knownNames);
  return Object.keys(env)
    .filter((name) => name.toUpperCase().startsWith(prefix) && env[name] !== undefined && !known.has(name))
    .sort()
    .map((name) =>
      serviceLink.test(name)
        ? {
            name,
            message: 'is not a setting; Kubernetes sets it for a Service of this name',
            remedy: 'Set enableServiceLinks: false in the pod.',
          }
        : {
            name,
            message: 'is not a setting',
            remedy: `Did you mean ${closest(name.toUpperCase(), knownNames)}? deploy/CONFIGURATION.md has them all.`,
          },
    );
}

function findText(
  setting: Setting,
  env: Environment,
  readFile: ReadFile,
): { text: string; origin: Origin } | Fault | undefined {
  const name = prefix + setting.env;
  const fileName = fileVariable(setting);
  const direct = env[name];
  const path = fileName === undefined ? undefined : env[fileName];
  if (direct !== undefined && path !== undefined) {
    return { name, message: `and ${fileName} are both set`, remedy: 'Keep one of them.' };
  }
  if (direct !== undefined) {
    if (direct === '') return { name, message: 'is empty', remedy: 'Give it a value, or unset it.' };
    if (!isPath(setting.env)) return { text: direct, origin: { kind: 'environment' } };
    const unreadable = readNamedFile(name, direct, readFile);
    return 'remedy' in unreadable ? unreadable : { text: direct, origin: { kind: 'environment' } };
  }
  if (path === undefined || fileName === undefined) return undefined;
  if (path === '') return { name: fileName, message: 'is empty', remedy: 'Give it a path, or unset it.' };
  const content = readNamedFile(fileName, path, readFile);
  return 'remedy' in content ? content : { text: content.text, origin: { kind: 'file', path } };
}

/** The file's text without the line end that editors and `echo` put after it. */
function readNamedFile(name: string, path: string, readFile: ReadFile): { text: string } | Fault {
  let content: string;
  try {
    content = readFile(path);
  } catch (error) {
    return {
      name,
      message: `names the file ${JSON.stringify(path)}, which cannot be read (${systemCodeOf(error)})`,
      remedy: 'Check the path and who may read it.',
    };
  }
  const text = content.replace(/\r?\n$/, '');
  if (text !== '') return { text };
  return {
    name,
    message: `names the file ${JSON.stringify(path)}, which is empty`,
    remedy: 'Put the value into it.',
  };
}
