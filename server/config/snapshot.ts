import { createHash } from 'node:crypto';
import { entries } from './catalogue.ts';
import type { Config } from './schema.ts';
import { prefix } from './setting.ts';

/** What a server runs with, by the names of the variables; null for what has no value. */
export interface ConfigSnapshot {
  settings: Record<string, string | null>;
  /** SHA-256 of secret values: they tell whether one has changed, and must not be seen by those who could try them out. */
  secrets: Record<string, string | null>;
}

/** Settings in which servers on one database may differ: where each of them is and how it talks. */
const ownToEach = [
  'HOST',
  'PORT',
  'MANAGEMENT_HOST',
  'MANAGEMENT_PORT',
  'DATA_DIR',
  'WORKERS',
  'LOG_LEVEL',
  'LOG_FORMAT',
];

export function snapshotOf(config: Config): ConfigSnapshot {
  const values: Record<string, Record<string, unknown>> = config;
  const snapshot: ConfigSnapshot = { settings: {}, secrets: {} };
  for (const { section, key, setting } of entries) {
    if (ownToEach.includes(setting.env)) continue;
    const value = textOf(values[section]?.[key]);
    const name = prefix + setting.env;
    if (setting.secret) snapshot.secrets[name] = value && createHash('sha256').update(value).digest('hex');
    else snapshot.settings[name] = value;
  }
  return snapshot;
}

function textOf(value: unknown): string | null {
  if (value === undefined) return null;
  return typeof value === 'string' ? value : JSON.stringify(value);
}
