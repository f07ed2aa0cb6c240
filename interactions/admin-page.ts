import type Router from '@koa/router';
import type { RequestState } from '../server/http/context.ts';
import { basePathOf } from '../server/http/page-context.ts';
import type { Render } from '../server/http/render.ts';

export interface AdminPageDeps {
  issuer: string;
  render: Render;
}

/** `/admin`: where an operator begins. It shows nothing that needs a sign-in: everything is done through the admin API. */
export function addAdminPage(router: Router<RequestState, object>, { issuer, render }: AdminPageDeps): void {
  const basePath = basePathOf(issuer);
  router.get('/admin', (ctx) => {
    render(ctx, 'admin', {
      reference: `${basePath}/api/admin/v1/`,
      account: `${basePath}/account`,
      createClient: 'npx gatehouse client create --type service --id ops --scope "clients:write users:write"',
      askToken: [
        `curl -u ops:SECRET ${issuer}/oauth2/token \\`,
        `  -d grant_type=client_credentials -d resource=${issuer}/api/admin -d scope="clients:write users:write"`,
      ].join('\n'),
    });
  });
}
