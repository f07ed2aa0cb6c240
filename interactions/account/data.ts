import type Router from '@koa/router';
import { z } from 'zod';
import type { AskForDeletion } from '../../server/accounts/deletion/ask-for-deletion.ts';
import type { CancelDeletion } from '../../server/accounts/deletion/cancel-deletion.ts';
import type { ExportAccount } from '../../server/accounts/export/export-account.ts';
import type { Clock } from '../../server/clock.ts';
import { AppError } from '../../server/errors.ts';
import type { RequestState, RoutedContext } from '../../server/http/context.ts';
import type { Csrf } from '../../server/http/csrf.ts';
import { actorOf, basePathOf } from '../../server/http/page-context.ts';
import type { Render } from '../../server/http/render.ts';
import { sendStream } from '../../server/http/stream.ts';
import type { MessageKey } from '../../server/http/words.ts';
import { addMailLink } from './mail-link.ts';
import { accountLinks } from './pages.ts';
import type { SignedIn, SignedInOnly } from './signed-in.ts';

export interface DataPageDeps {
  issuer: string;
  render: Render;
  csrf: Csrf;
  clock: Clock;
  askForDeletion: AskForDeletion;
  cancelDeletion: CancelDeletion;
  exportAccount: ExportAccount;
  /** Seconds in which a deletion can be taken back. */
  deletionGrace: number;
}

const path = '/account/data';

const dataForm = z.object({
  do: z.enum(['export', 'delete']),
  confirmation: z.string().max(320).default(''),
});

/** `/account/data`: taking everything along, and leaving. Both take a recent sign-in (ATTACKS C11). */
export function addDataPage(
  router: Router<RequestState, object>,
  { recentlySignedIn }: SignedInOnly,
  deps: DataPageDeps,
): void {
  router.get(
    path,
    recentlySignedIn((ctx, person) => show(deps, ctx, person)),
  );
  router.post(
    path,
    recentlySignedIn(async (ctx, person) => {
      const { do: what, confirmation } = await deps.csrf.readForm(ctx, person.formPurpose, dataForm);
      const accountId = person.account.id;
      const by = actorOf(ctx, accountId);
      if (what === 'export') return sendStream(ctx, await deps.exportAccount({ accountId, by }));
      await leave(deps, ctx, person, await deps.askForDeletion({ accountId, confirmation, by }));
    }),
  );
  addCancelLink(router, deps);
}

async function leave(
  deps: DataPageDeps,
  ctx: RoutedContext,
  person: SignedIn,
  outcome: Awaited<ReturnType<AskForDeletion>>,
): Promise<void> {
  switch (outcome.kind) {
    case 'deleted':
      return deps.render(ctx, 'account-deleted', { dueAt: null });
    case 'scheduled':
      return deps.render(ctx, 'account-deleted', { dueAt: dayOf(outcome.dueAt) });
    case 'unconfirmed':
      return show(deps, ctx, person, { fault: 'data.delete.fault', status: 422 });
    case 'last_administrator':
      return show(deps, ctx, person, { fault: 'data.delete.last', status: 409 });
    case 'stale':
      return show(deps, ctx, person, { fault: 'data.delete.stale', status: 409 });
    case 'missing':
      throw new AppError('forbidden', { detail: 'the account is gone' });
    default:
      return outcome satisfies never;
  }
}

function show(
  { issuer, render, csrf, clock, deletionGrace }: DataPageDeps,
  ctx: RoutedContext,
  { formPurpose }: SignedIn,
  { fault, status = 200 }: { fault?: MessageKey; status?: number } = {},
): void {
  const basePath = basePathOf(issuer);
  const model = {
    pages: accountLinks(basePath, path),
    form: { action: `${basePath}${path}`, csrf: csrf.token(ctx, formPurpose) },
    until: deletionGrace === 0 ? null : dayOf(new Date(clock.now().getTime() + deletionGrace * 1000)),
    fault: fault ?? null,
  };
  render(ctx, 'account-data', model, status);
}

const dayOf = (time: Date): string => time.toISOString().slice(0, 10);

/** The link in the mail about a deletion. */
function addCancelLink(router: Router<RequestState, object>, deps: DataPageDeps): void {
  const { cancelDeletion } = deps;
  addMailLink(router, deps, {
    path: '/cancel-deletion',
    title: 'link.cancel_deletion.title',
    submit: 'link.cancel_deletion.submit',
    async look(token) {
      const seen = await cancelDeletion.look(token);
      return seen === 'live' ? { text: { key: 'link.cancel_deletion.text' } } : seen;
    },
    async use(token, by) {
      const outcome = await cancelDeletion.cancel({ token, by });
      if (outcome.kind === 'over') return outcome.why;
      const onward = { href: '/account', label: 'link.onward.account' } as const;
      return { status: 200, text: { key: 'link.cancel_deletion.done' }, onward };
    },
  });
}
