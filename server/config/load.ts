import { type EnvName, entries, knownNames } from './catalogue.ts';
import { derive } from './derive.ts';
import type { Fault } from './fault.ts';
import { type Environment, type Gathered, gather, type Origin, type ReadFile } from './gather.ts';
import { type Mode, modeOf } from './issuer.ts';
import { type Draft, type Facts, rules } from './rules.ts';
import type { Config } from './schema.ts';
import { prefix, type Setting } from './setting.ts';

/** Where a value comes from, for those who ask why it is so. */
export type Source = Origin | { kind: 'default' | 'derived' | 'unset' };

export interface Configuration {
  config: Config;
  mode: Mode;
  /** By variable name without prefix; `text` as it was written, never that of a secret. */
  sources: ReadonlyMap<string, { source: Source; text: string | undefined }>;
  /** The same with more variables, by their names without prefix; files are not read again. */
  revise(more: ReadonlyMap<string, string>): LoadOutcome;
}

export type LoadOutcome = ({ kind: 'ok' } & Configuration) | { kind: 'faulty'; faults: Fault[] };

/**
 * Turns the environment into a checked configuration, or into the list of everything that is wrong with it. Pure but for
 * `readFile`, which reads the files that `*_FILE` variables name. No value ever appears in a fault.
 */
export function loadConfig(env: Environment, readFile: ReadFile): LoadOutcome {
  return load(env, readOnce(readFile));
}

/** Each file as it was at the first time. */
function readOnce(readFile: ReadFile): ReadFile {
  const known = new Map<string, string>();
  return (path) => {
    const text = known.get(path) ?? readFile(path);
    known.set(path, text);
    return text;
  };
}

function load(env: Environment, readFile: ReadFile): LoadOutcome {
  const gathered = gather(env, readFile);
  const understood = understand(gathered);
  const mode = modeOf(gathered.given.has('ISSUER'), gathered.texts.get('ISSUER')?.text);
  const given = (name: EnvName) => gathered.given.has(name);
  const facts: Facts = { mode, given, values: derive(understood.values, mode, given) };
  const faults = [...gathered.faults, ...understood.faults, ...rules.flatMap((rule) => rule.check(facts))];
  if (faults.length > 0 || !isComplete(facts.values)) return { kind: 'faulty', faults: inOrder(faults) };
  const revise = (more: ReadonlyMap<string, string>): LoadOutcome =>
    load({ ...env, ...Object.fromEntries([...more].map(([name, text]) => [prefix + name, text])) }, readFile);
  return { kind: 'ok', config: facts.values, mode, sources: sourcesOf(gathered), revise };
}

/** Names that nobody knows first, then the order of the manual. */
function inOrder(faults: Fault[]): Fault[] {
  return faults.toSorted((a, b) => knownNames.indexOf(a.name) - knownNames.indexOf(b.name));
}

/** Parses every text, and every default where there is none. */
function understand({ texts, given }: Gathered): { values: Draft; faults: Fault[] } {
  const faults: Fault[] = [];
  const values: Record<string, Record<string, unknown>> = {};
  for (const { section, key, setting } of entries) {
    const found = texts.get(setting.env);
    const text = found?.text ?? (given.has(setting.env) ? undefined : setting.default);
    const parsed = text === undefined ? undefined : setting.schema.safeParse(text);
    values[section] = { ...values[section], [key]: parsed?.data };
    for (const issue of parsed?.error?.issues ?? [])
      faults.push(misunderstood(setting, issue.message, found?.origin));
  }
  return { values: values as Draft, faults };
}

function misunderstood({ env, example, default: usual }: Setting, complaint: string, origin?: Origin): Fault {
  const shown = example ?? usual;
  return {
    name: prefix + env,
    message: origin?.kind === 'file' ? `(read from ${JSON.stringify(origin.path)}) ${complaint}` : complaint,
    remedy: shown === undefined ? 'See deploy/CONFIGURATION.md.' : `For example: ${prefix}${env}=${shown}`,
  };
}

/** A setting without a value is one that may be without: all others have a default or were derived. */
function isComplete(values: Draft): values is Draft & Config {
  const found: Record<string, Record<string, unknown>> = values;
  return entries.every(
    ({ section, key, setting }) =>
      found[section]?.[key] !== undefined || (setting.default === undefined && setting.derived === undefined),
  );
}

function sourcesOf({ texts }: Gathered): Configuration['sources'] {
  return new Map(
    entries.map(({ setting }): [string, { source: Source; text: string | undefined }] => {
      const found = texts.get(setting.env);
      const text = found?.text ?? setting.default;
      return [
        setting.env,
        { source: found?.origin ?? { kind: withoutText(setting) }, text: setting.secret ? undefined : text },
      ];
    }),
  );
}

function withoutText(setting: Setting): 'default' | 'derived' | 'unset' {
  if (setting.derived !== undefined) return 'derived';
  return setting.default === undefined ? 'unset' : 'default';
}
