import Router from '@koa/router';
import type { PictureStore } from '../server/accounts/picture/picture.ts';
import { AppError } from '../server/errors.ts';
import type { RequestState } from '../server/http/context.ts';

/**
 * `/pictures/<name>.webp`: pictures that people have uploaded. Nobody guesses a name, and a new picture has a new one, so it is
 * kept for long; apps show it on their pages, so these may load it. Should a browser open it as a page, it may do nothing.
 */
export function makePicturesRouter({ pictures }: { pictures: Pick<PictureStore, 'find'> }) {
  const router = new Router<RequestState, object>();
  router.get(/^\/pictures\/([\w-]{43})\.webp$/, async (ctx) => {
    const image = await pictures.find(ctx.path.slice(-48, -5));
    if (image === undefined) throw new AppError('not_found');
    ctx.set('Cache-Control', 'public, max-age=31536000, immutable');
    ctx.set('Content-Security-Policy', "default-src 'none'; sandbox");
    ctx.set('Cross-Origin-Resource-Policy', 'cross-origin');
    ctx.set('Content-Disposition', 'inline');
    ctx.body = image;
    ctx.type = 'image/webp';
  });
  return router;
}
