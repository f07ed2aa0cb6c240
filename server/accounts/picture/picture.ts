/** The types of file that a picture may be uploaded as. */
export const pictureTypes = ['image/png', 'image/jpeg', 'image/webp'] as const;

/** Bytes that an uploaded file may have. */
export const mostPictureBytes = 2 * 1024 * 1024;

export type PictureFault = 'type' | 'large' | 'broken';

/**
 * Makes an uploaded file into the picture that is shown: 512 x 512, WebP. MUST judge the file by its content, MUST NOT decode
 * one whose head promises more pixels than are read, MUST NOT hold up other requests, and what it returns MUST be newly
 * encoded, without anything that stood beside the pixels.
 *
 * @throws AppError overloaded when too many wait already.
 */
export type ReadPicture = (
  file: Buffer,
) => Promise<{ kind: 'read'; webp: Buffer } | { kind: 'refused'; fault: PictureFault }>;

export interface PictureStore {
  /** Keeps it as the one picture of the account, which MUST exist, under another name than all before. */
  save(accountId: string, picture: { name: string; image: Buffer; uploadedAt: Date }): Promise<void>;
  find(name: string): Promise<Buffer | undefined>;
  /** False when there was none. */
  remove(accountId: string): Promise<boolean>;
}

/** Where a picture is found. */
export const pictureUrl = (issuer: string, name: string): string => `${issuer}/pictures/${name}.webp`;
