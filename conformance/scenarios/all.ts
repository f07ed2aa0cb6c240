import { discovery } from './discovery.ts';
import { people } from './people.ts';
import type { Scenario } from './scenario.ts';
import { tokens } from './tokens.ts';

/** Every scenario, in the order in which they build on each other's subject. None needs another to have run. */
export const scenarios: readonly Scenario[] = [...discovery, ...people, ...tokens];
