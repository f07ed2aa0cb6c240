import type { ReadPicture } from '../../server/accounts/picture/picture.ts';
import { readHead } from './head.ts';

/** Pixels that are decoded: 64 MB of memory for the one that is being read. */
const mostPixels = 16_000_000;
const longestSide = 8192;
const side = 512;
const quality = 80;

/** Runs one piece of work after another; refuses when too many wait. */
export type InTurn = <Result>(work: () => Promise<Result>) => Promise<Result>;

/** Reads pictures in threads of their own (libuv), one at a time as `inTurn` lets them. */
export function makeReadPicture(inTurn: InTurn): ReadPicture {
  return async (file) => {
    const head = readHead(file);
    if (head === undefined) return { kind: 'refused', fault: 'type' };
    const { width, height } = head;
    if (width === 0 || height === 0) return { kind: 'refused', fault: 'broken' };
    if (width * height > mostPixels || Math.max(width, height) > longestSide)
      return { kind: 'refused', fault: 'large' };
    return inTurn(async () => {
      // Nine megabytes that only those processes load which are asked for it.
      const { ResizeFit, Transformer } = await import('@napi-rs/image');
      try {
        const webp = await new Transformer(file)
          .rotate()
          .resize({ width: side, height: side, fit: ResizeFit.Cover })
          .webp(quality);
        return { kind: 'read', webp };
      } catch {
        return { kind: 'refused', fault: 'broken' };
      }
    });
  };
}
