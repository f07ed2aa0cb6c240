import type Router from '@koa/router';
import { z } from 'zod';
import type { FirstAdmin } from '../server/accounts/first-admin.ts';
import type { FieldFault } from '../server/errors.ts';
import type { PageContext, RequestState } from '../server/http/context.ts';
import type { Csrf } from '../server/http/csrf.ts';
import { actorOf, basePathOf } from '../server/http/page-context.ts';
import type { Render } from '../server/http/render.ts';

export interface FirstAdminDeps {
  issuer: string;
  render: Render;
  csrf: Csrf;
  firstAdmin: Pick<FirstAdmin, 'peek' | 'claim'>;
}

const purpose = 'first administrator';

const claimForm = z.object({
  token: z.string().max(256).default(''),
  email: z.string().max(1024).default(''),
  password: z.string().max(8192).default(''),
});

/** `/first-admin?token=…`: opening the link uses nothing up (mail scanners and previews open links too). */
export function addFirstAdmin(router: Router<RequestState, object>, deps: FirstAdminDeps): void {
  router.get('/first-admin', (ctx) => show(deps, ctx));
  router.post('/first-admin', (ctx) => submit(deps, ctx));
}

async function show(deps: FirstAdminDeps, ctx: PageContext): Promise<void> {
  const token = typeof ctx.query.token === 'string' ? ctx.query.token : '';
  if (!(await deps.firstAdmin.peek(token))) return deps.render(ctx, 'first-admin-link', {}, 404);
  renderForm(deps, ctx, { token, email: '', faults: [] });
}

async function submit(deps: FirstAdminDeps, ctx: PageContext): Promise<void> {
  const { token, email, password } = await deps.csrf.readForm(ctx, purpose, claimForm);
  const outcome = await deps.firstAdmin.claim({ token, email: email.trim(), password, by: actorOf(ctx) });
  switch (outcome.kind) {
    case 'created':
      return deps.render(ctx, 'first-admin-done', { email: email.trim() }, 201);
    case 'link_invalid':
      return deps.render(ctx, 'first-admin-link', {}, 404);
    case 'refused':
      return renderForm(deps, ctx, { token, email, faults: outcome.fields });
    default:
      return outcome satisfies never;
  }
}

function renderForm(
  deps: FirstAdminDeps,
  ctx: PageContext,
  { token, email, faults }: { token: string; email: string; faults: readonly FieldFault[] },
): void {
  const faultOf = (name: string) => faults.find(({ field }) => field === name)?.message ?? null;
  deps.render(
    ctx,
    'first-admin',
    {
      form: { action: `${basePathOf(deps.issuer)}/first-admin`, csrf: deps.csrf.token(ctx, purpose) },
      token,
      email,
      faults: { email: faultOf('email'), password: faultOf('password') },
    },
    faults.length === 0 ? 200 : 422,
  );
}
