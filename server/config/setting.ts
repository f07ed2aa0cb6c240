import type { z } from 'zod';

/** What every variable's name begins with; declarations leave it out. */
export const prefix = 'GATEHOUSE_';

/** One setting, as the loader, the printer and the manual see it. `Value` is what the program gets. */
export interface Setting<Env extends string = string, Value = unknown> {
  /** The variable's name without the prefix. */
  readonly env: Env;
  /** From the variable's text to the value. Its messages never repeat the text: it may be a secret put in the wrong place. */
  readonly schema: z.ZodType<NonNullable<Value>>;
  /** Text that stands in when the variable is not set, as an operator would write it. */
  readonly default: string | undefined;
  /** How the value is found when it is not set, in words; rules.ts does it. */
  readonly derived: string | undefined;
  readonly doc: string;
  /** A value that works, for the manual and for the remedy of a fault. Never a usable secret. */
  readonly example: string | undefined;
  /** Secret values are never printed. */
  readonly secret: boolean;
  /** Whether an operator may change it while the server runs: whoever uses it MUST ask for it each time. */
  readonly runtime: boolean;
}

interface Declaration<Env extends string, Value> {
  env: Env;
  schema: z.ZodType<Value>;
  doc: string;
  example?: string;
  secret?: boolean;
  runtime?: boolean;
}

/** Declares a setting that always has a value: from its variable, its default, or the rule in `derived`. */
export function setting<const Env extends string, Value>(
  declaration: Declaration<Env, Value> & ({ default: string | number | boolean } | { derived: string }),
): Setting<Env, Value>;
/** Declares a setting that is `undefined` until somebody sets it. */
export function setting<const Env extends string, Value>(
  declaration: Declaration<Env, Value>,
): Setting<Env, Value | undefined>;
export function setting(
  declaration: Declaration<string, unknown> & { default?: string | number | boolean; derived?: string },
): Setting {
  return {
    env: declaration.env,
    schema: declaration.schema as z.ZodType<NonNullable<unknown>>,
    default: declaration.default === undefined ? undefined : String(declaration.default),
    derived: declaration.derived,
    doc: declaration.doc,
    example: declaration.example,
    secret: declaration.secret ?? false,
    runtime: declaration.runtime ?? false,
  };
}

/** Settings that belong together: one heading of the manual, one property of `Config`. */
export interface Section<Settings extends Record<string, Setting> = Record<string, Setting>> {
  readonly title: string;
  readonly settings: Settings;
}

export function section<Settings extends Record<string, Setting>>(
  title: string,
  settings: Settings,
): Section<Settings> {
  return { title, settings };
}

/** The values of a schema of sections: `{ listen: { port: number, ... }, ... }`. */
export type ValuesOf<Sections extends Record<string, Section>> = {
  readonly [Name in keyof Sections]: {
    readonly [Key in keyof Sections[Name]['settings']]: Sections[Name]['settings'][Key] extends Setting<
      string,
      infer Value
    >
      ? Value
      : never;
  };
};

/** Whether the variable's text is itself a path, which makes a second `_FILE` form meaningless. */
export const isPath = (env: string): boolean => env.endsWith('_FILE');
