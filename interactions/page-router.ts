import Router from '@koa/router';
import type { RequestState } from '../server/http/context.ts';
import type { Mailbox } from '../server/outbox/mail.ts';
import { type AccountPageDeps, addAccountPage } from './account-page.ts';
import { addAdminPage } from './admin-page.ts';
import { addFirstAdmin, type FirstAdminDeps } from './first-admin.ts';
import { addLanding, type LandingDeps } from './landing.ts';
import { addMailbox } from './mailbox.ts';

export type PageDeps = AccountPageDeps &
  FirstAdminDeps &
  Omit<LandingDeps, 'hasMailbox'> & {
    /** In evaluation mode only. */
    mailbox?: Mailbox | undefined;
  };

/** The pages that belong to no interaction: `/`, `/account`, `/admin`, `/first-admin` and, in evaluation mode, `/dev/mailbox`. */
export function makePageRouter(deps: PageDeps): Router<RequestState, object> {
  const router = new Router<RequestState, object>();
  addLanding(router, { ...deps, hasMailbox: deps.mailbox !== undefined });
  addAccountPage(router, deps);
  addAdminPage(router, deps);
  addFirstAdmin(router, deps);
  if (deps.mailbox !== undefined) addMailbox(router, { render: deps.render, mailbox: deps.mailbox });
  return router;
}
