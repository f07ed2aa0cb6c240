import type { FieldFault } from '../errors.ts';
import type { Overrides, SettingRules, ShownSetting } from '../settings/settings.ts';
import { entries, sections } from './catalogue.ts';
import type { Configuration } from './load.ts';
import { hidden, printConfiguration } from './print.ts';
import type { Config } from './schema.ts';
import { prefix } from './setting.ts';

/** The configuration of a running process, part of which may change. */
export interface LiveConfiguration extends Configuration {
  /** What may change while the server runs is asked for anew each time: whoever keeps a value keeps that of the moment. */
  config: Config;
  rules: SettingRules;
  /** Lets these count from now on. Those that are not valid together do not: the environment counts alone, and is told why. */
  apply(overrides: Overrides): FieldFault[];
}

/** @param start as the environment has it, which is stronger than every change */
export function makeLiveConfiguration(start: Configuration): LiveConfiguration {
  let current: Config = start.config;
  const isGiven = (name: string): boolean => {
    const kind = start.sources.get(name)?.source.kind;
    return kind === 'environment' || kind === 'file';
  };
  const runtime = new Set(entries.filter(({ setting }) => setting.runtime).map(({ setting }) => setting.env));
  const counting = (overrides: Overrides): Map<string, string> =>
    new Map([...overrides].filter(([name]) => runtime.has(name) && !isGiven(name)));
  const load = (overrides: Overrides) => start.revise(counting(overrides));

  return {
    ...start,
    config: liveConfig(() => current),
    rules: {
      describe: (overrides) => describe(start, load(overrides), counting(overrides)),
      faultsIn(overrides) {
        const outcome = load(overrides);
        if (outcome.kind === 'ok') return [];
        return outcome.faults.map(({ name, message }) => ({
          field: name.replace(prefix, '').replace(/_FILE$/, ''),
          message: `${name} ${message}.`,
        }));
      },
    },
    apply(overrides) {
      const outcome = load(overrides);
      current = outcome.kind === 'ok' ? outcome.config : start.config;
      return this.rules.faultsIn(overrides);
    },
  };
}

/** Looks like a configuration; of what may change, it has the present value. */
function liveConfig(present: () => Config): Config {
  const config: Config = { ...present() };
  const read = (section: string, key: string): unknown => {
    const values: Record<string, Record<string, unknown>> = present();
    return values[section]?.[key];
  };
  for (const [section, { settings }] of sections) {
    const properties = Object.entries(settings).map(([key, { runtime }]): [string, PropertyDescriptor] => {
      const value = read(section, key);
      return [key, { enumerable: true, ...(runtime ? { get: () => read(section, key) } : { value }) }];
    });
    const value: object = Object.defineProperties({}, Object.fromEntries(properties));
    Object.defineProperty(config, section, { enumerable: true, value });
  }
  return config;
}

function describe(
  start: Configuration,
  outcome: ReturnType<Configuration['revise']>,
  changed: ReadonlyMap<string, string>,
): ShownSetting[] {
  const shown = printConfiguration(outcome.kind === 'ok' ? outcome : start);
  const values = new Map(shown.flatMap(({ settings }) => settings.map((each) => [each.name, each])));
  return entries.map(({ section, setting }) => {
    const { env, secret, doc, runtime } = setting;
    const printed = values.get(prefix + env);
    const found = start.sources.get(env)?.source.kind ?? 'unset';
    const source = !changed.has(env) ? found : outcome.kind === 'ok' ? 'runtime' : 'ignored';
    return {
      name: env,
      variable: prefix + env,
      section,
      doc,
      value: printed === undefined || printed.value === hidden || secret ? null : printed.value,
      default: setting.default ?? null,
      source,
      isSecret: secret,
      isRuntime: runtime,
    };
  });
}
