import { makeRedisWords, type RedisWords } from '../../../adapters/redis/words.ts';
import type { Log, LogFields } from '../../../server/log.ts';
import { parseRedisUrl } from '../../../server/redis-url.ts';

/** One process's words, with what it has heard and logged. */
export interface Listener extends RedisWords {
  heard: number;
  logged: { level: keyof Log; message: string; fields: LogFields | undefined }[];
}

export function makeListener(url: string, caFile?: string): Listener {
  const parsed = parseRedisUrl(url);
  if (parsed.kind === 'refused') throw new Error(parsed.why);
  const logged: Listener['logged'] = [];
  const at = (level: keyof Log) => (message: string, fields?: LogFields) =>
    void logged.push({ level, message, fields });
  const words = makeRedisWords({
    address: parsed.address,
    caFile,
    log: { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') },
  });
  const listener: Listener = { ...words, heard: 0, logged };
  words.onWord(() => {
    listener.heard += 1;
  });
  return listener;
}
