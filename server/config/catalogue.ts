import { schema } from './schema.ts';
import { isPath, prefix, type Section, type Setting } from './setting.ts';

type Sections = typeof schema;

/** Every variable's name without its prefix, as a type. */
export type EnvName = {
  [S in keyof Sections]: Sections[S]['settings'][keyof Sections[S]['settings']] extends infer Each
    ? Each extends Setting<infer Env>
      ? Env
      : never
    : never;
}[keyof Sections];

export interface Entry {
  /** Property of `Config`. */
  section: string;
  /** Property of that section. */
  key: string;
  setting: Setting;
}

/** The sections in the order of the manual. */
export const sections: readonly [string, Section][] = Object.entries<Section>(schema);

/** All settings, flat. */
export const entries: readonly Entry[] = sections.flatMap(([name, { settings }]) =>
  Object.entries(settings).map(([key, setting]) => ({ section: name, key, setting })),
);

/** The variable's full name. */
export const variable = (env: EnvName): string => prefix + env;

/** The variable that names a file with the value; undefined where the value is itself a path. */
export const fileVariable = ({ env }: Setting): string | undefined =>
  isPath(env) ? undefined : `${prefix}${env}_FILE`;

/** Every name that may stand in the environment. */
export const knownNames: readonly string[] = entries.flatMap(({ setting }) => {
  const file = fileVariable(setting);
  return file === undefined ? [prefix + setting.env] : [prefix + setting.env, file];
});
