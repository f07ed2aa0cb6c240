import { crc32, deflateSync } from 'node:zlib';
import { Transformer } from '@napi-rs/image';

/** A picture of one colour, as it comes from a camera. */
export function pixels(width: number, height: number): Transformer {
  return Transformer.fromRgbaPixels(new Uint8Array(width * height * 4).fill(160), width, height);
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const frame = Buffer.alloc(8);
  frame.writeUInt32BE(data.length, 0);
  frame.writeUInt32BE(crc32(body), 4);
  return Buffer.concat([frame.subarray(0, 4), body, frame.subarray(4)]);
}

/** A PNG of black pixels, with whatever chunks come between: a few kilobytes that can promise gigabytes of pixels. */
export function blackPng(
  width: number,
  height: number,
  rows: number,
  between: [string, Buffer][] = [],
): Buffer {
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head.set([1, 0, 0, 0, 0], 8);
  const line = 1 + Math.ceil(width / 8);
  return Buffer.concat([
    Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
    chunk('IHDR', head),
    ...between.map(([type, data]) => chunk(type, data)),
    chunk('IDAT', deflateSync(Buffer.alloc(line * rows))),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}
