import type Router from '@koa/router';
import type { RequestState } from '../server/http/context.ts';
import { basePathOf } from '../server/http/page-context.ts';
import type { Render } from '../server/http/render.ts';

export interface LandingDeps {
  issuer: string;
  render: Render;
  /** Whether there is a mailbox page to point at. */
  hasMailbox: boolean;
}

/** `/`: what this server is, and where to go. */
export function addLanding(router: Router<RequestState, object>, deps: LandingDeps): void {
  const basePath = basePathOf(deps.issuer);
  router.get('/', (ctx) => {
    deps.render(ctx, 'landing', {
      issuer: deps.issuer,
      account: `${basePath}/account`,
      discovery: `${basePath}/.well-known/openid-configuration`,
      mailbox: deps.hasMailbox ? `${basePath}/dev/mailbox` : null,
    });
  });
}
