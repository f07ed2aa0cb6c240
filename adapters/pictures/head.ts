/** What the first bytes of a picture say of it, before anything is decoded. */
export interface PictureHead {
  width: number;
  height: number;
}

const pngSignature = Buffer.from('\x89PNG\r\n\x1a\n', 'latin1');

/** Reads width and height of a PNG, JPEG or WebP; undefined for everything else, whatever it claims to be. */
export function readHead(file: Buffer): PictureHead | undefined {
  if (file.subarray(0, 8).equals(pngSignature)) return readPng(file);
  if (file.toString('latin1', 0, 3) === '\xff\xd8\xff') return readJpeg(file);
  if (file.toString('latin1', 0, 4) === 'RIFF' && file.toString('latin1', 8, 12) === 'WEBP')
    return readWebp(file);
  return undefined;
}

/** PNG (ISO/IEC 15948) 11.2.2: IHDR comes first. */
function readPng(file: Buffer): PictureHead | undefined {
  if (file.length < 24 || file.toString('latin1', 12, 16) !== 'IHDR') return undefined;
  return { width: file.readUInt32BE(16), height: file.readUInt32BE(20) };
}

/** JPEG (ITU-T T.81) B.2: segments up to the start of frame. */
function readJpeg(file: Buffer): PictureHead | undefined {
  for (let at = 2; at + 9 < file.length; ) {
    if (file[at] !== 0xff) return undefined;
    const marker = file[at + 1] ?? 0;
    if (marker === 0xff) {
      at += 1;
      continue;
    }
    const isFrame = marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
    if (isFrame) return { width: file.readUInt16BE(at + 7), height: file.readUInt16BE(at + 5) };
    at += 2 + file.readUInt16BE(at + 2);
  }
  return undefined;
}

/** RFC 9649 2.5 to 2.7: lossy, lossless, extended. */
function readWebp(file: Buffer): PictureHead | undefined {
  if (file.length < 30) return undefined;
  switch (file.toString('latin1', 12, 16)) {
    case 'VP8 ':
      return { width: file.readUInt16LE(26) & 0x3fff, height: file.readUInt16LE(28) & 0x3fff };
    case 'VP8L': {
      const bits = file.readUInt32LE(21);
      return { width: (bits & 0x3fff) + 1, height: ((bits >>> 14) & 0x3fff) + 1 };
    }
    case 'VP8X':
      return { width: file.readUIntLE(24, 3) + 1, height: file.readUIntLE(27, 3) + 1 };
    default:
      return undefined;
  }
}
