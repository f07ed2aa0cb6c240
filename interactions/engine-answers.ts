import type { PageContext, PageMiddleware } from '../server/http/context.ts';
import type { Render } from '../server/http/render.ts';
import { allowSource, hasInlineScript } from '../server/http/security-headers.ts';
import { leadOn } from './finish.ts';

/** Forms of ours whose posts the engine takes, below the issuer's path. It checks their tokens itself. */
export const engineForms: readonly string[] = ['/oauth2/logout/confirm', '/device'];

export interface EngineAnswersDeps {
  render: Render;
}

/**
 * Stands directly around the engine and fits its answers to our content security policy:
 *
 * - its form_post page posts to the client's callback, which `form-action` must then allow;
 * - redirects that answer one of our own forms become a page that leads on, as at the end of an interaction: Chrome holds
 *   them and every redirect that follows against the `form-action` of the page with the form (see finish.ts).
 */
export function makeEngineAnswers({ render }: EngineAnswersDeps): PageMiddleware {
  return async (ctx, next) => {
    const path = ctx.path;
    await next();
    const target = autoSubmitTarget(ctx);
    if (target !== undefined) {
      allowSource(ctx, 'form-action', target);
      // Chrome holds what the callback redirects to against it too, such as the host of a tenant.
      allowSource(ctx, 'form-action', 'https:');
    }
    if (ctx.method !== 'POST' || !engineForms.includes(path)) return;
    const { location } = ctx.response.headers;
    if (typeof location === 'string') {
      ctx.remove('Location');
      leadOn({ render }, ctx, location);
    }
  };
}

/** Where the engine's self-submitting page posts to: the origin of its only form. */
function autoSubmitTarget(ctx: PageContext): string | undefined {
  const { body } = ctx;
  // No page of ours has an inline script, so one that was allowed by its hash is the engine's.
  if (typeof body !== 'string' || !hasInlineScript(ctx)) return undefined;
  const action = /<form method="post" action="([^"]*)">/.exec(body)?.[1];
  const url = action === undefined ? null : URL.parse(action.replaceAll('&amp;', '&'));
  return url !== null && /^https?:$/.test(url.protocol) ? url.origin : undefined;
}
