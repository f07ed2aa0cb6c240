import type { ChangeFeed } from '../changes/feed.ts';
import type { LiveConfiguration } from '../config/live.ts';
import type { Log } from '../log.ts';
import type { SettingStore } from '../settings/settings.ts';

export interface FollowSettingsDeps {
  settings: Pick<SettingStore, 'all'>;
  feed: Pick<ChangeFeed, 'watch'>;
  live: Pick<LiveConfiguration, 'apply'>;
  log: Log;
}

/** Milliseconds until what could not be read is read again. */
const pause = 400;

/**
 * Lets settings count that an operator has changed, now and after each change, whichever process has made it. While they cannot
 * be read, those of before count.
 *
 * @returns when they count for the first time
 */
export async function followSettings({ settings, feed, live, log }: FollowSettingsDeps): Promise<void> {
  const load = async (): Promise<void> => {
    for (const { field, message } of live.apply(await settings.all()))
      log.error('changed settings do not fit together any more and do not count', { field, message });
  };
  await load();
  let running = false;
  let again = false;
  const reload = async (): Promise<void> => {
    running = true;
    do {
      again = false;
      await load().catch((error: unknown) => {
        log.warn('changed settings cannot be read; those of before count', { error });
        again = true;
      });
      if (again) await new Promise((resolve) => setTimeout(resolve, pause).unref());
    } while (again);
    running = false;
  };
  feed.watch('setting', () => {
    again = true;
    if (!running) void reload();
  });
}
