import type { World } from '../world.ts';

export interface Scenario {
  /** What is true of the server when it passes. */
  name: string;
  run(world: World): Promise<void>;
}
