import getRawBody from 'raw-body';
import { AppError } from '../errors.ts';
import type { PageContext } from './context.ts';

/**
 * A body that is no text, whole, in one of these media types and not compressed.
 *
 * @throws AppError unsupported_media_type, body_too_large beyond `limit` bytes, invalid_input when it could not be read.
 */
export async function readBytes(
  ctx: PageContext,
  { mediaTypes, limit }: { mediaTypes: readonly string[]; limit: number },
): Promise<Buffer> {
  const [type = ''] = ctx.get('content-type').toLowerCase().split(';');
  if (
    !mediaTypes.includes(type.trim()) ||
    !['', 'identity'].includes(ctx.get('content-encoding').toLowerCase())
  )
    throw new AppError('unsupported_media_type', { message: `Send ${mediaTypes.join(' or ')}.` });
  try {
    return await getRawBody(ctx.req, { limit, length: ctx.get('content-length') || null });
  } catch (cause) {
    const tooLarge = cause instanceof Error && 'type' in cause && cause.type === 'entity.too.large';
    if (tooLarge) throw new AppError('body_too_large', { message: `Send at most ${limit} bytes.`, cause });
    throw new AppError('invalid_input', { detail: 'the body could not be read', cause });
  }
}
