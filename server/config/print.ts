import { entries, sections } from './catalogue.ts';
import type { Configuration, Source } from './load.ts';
import { prefix, type Setting } from './setting.ts';

/** What stands in place of a secret. */
export const hidden = '[hidden]';

export interface PrintedSetting {
  name: string;
  /** As it would be written into the environment; null when there is none; `[hidden]` for a secret. */
  value: string | null;
  /** `default`, `derived`, `unset`, `environment`, or `file` and its path. */
  source: string;
}

export interface PrintedSection {
  title: string;
  settings: PrintedSetting[];
}

/** The whole configuration for people and programs, without any secret. */
export function printConfiguration(configuration: Configuration): PrintedSection[] {
  return sections.map(([name, { title }]) => ({
    title,
    settings: entries
      .filter(({ section }) => section === name)
      .map(({ section, key, setting }) =>
        printSetting(setting, readValue(configuration, section, key), configuration),
      ),
  }));
}

function readValue({ config }: Configuration, section: string, key: string): unknown {
  const values: Record<string, Record<string, unknown>> = config;
  return values[section]?.[key];
}

function printSetting(setting: Setting, value: unknown, { sources }: Configuration): PrintedSetting {
  const found = sources.get(setting.env);
  const shown = found?.text ?? (Array.isArray(value) ? value.join(', ') : String(value));
  return {
    name: prefix + setting.env,
    value: value === undefined ? null : setting.secret ? hidden : shown,
    source: found === undefined ? 'unset' : describeSource(found.source),
  };
}

const describeSource = (source: Source): string =>
  source.kind === 'file' ? `file ${source.path}` : source.kind;
