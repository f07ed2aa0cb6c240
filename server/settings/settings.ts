import type { FieldFault } from '../errors.ts';

/** Settings that operators have changed while the server runs, as they would stand in the environment, by name. */
export type Overrides = ReadonlyMap<string, string>;

/** A setting as operators see it. */
export interface ShownSetting {
  /** `SIGN_UP` */
  name: string;
  /** `GATEHOUSE_SIGN_UP` */
  variable: string;
  section: string;
  doc: string;
  /** As it would stand in the environment; null when there is none, and of a secret. */
  value: string | null;
  default: string | null;
  /** `runtime`: changed while the server runs; `ignored`: so changed, but not valid with the rest, so that the others count. */
  source: 'environment' | 'file' | 'default' | 'derived' | 'unset' | 'runtime' | 'ignored';
  isSecret: boolean;
  isRuntime: boolean;
}

/** What is known of settings, by their one declaration. */
export interface SettingRules {
  /** All of them, as they are with these changes. */
  describe(overrides: Overrides): ShownSetting[];
  /** What is wrong with these changes, each by itself and all with the rest. */
  faultsIn(overrides: Overrides): FieldFault[];
}

export interface SettingStore {
  all(): Promise<Overrides>;
  /** The same, and MUST keep everybody else from changing any until the open transaction has ended. */
  hold(): Promise<Overrides>;
  /** `undefined` takes it back. MUST leave another mark of its topic with the commit. */
  write(name: string, value: string | undefined, at: Date, by: string | null): Promise<void>;
}
