import type Router from '@koa/router';
import { z } from 'zod';
import type { LinkFault } from '../../server/accounts/look-at-link.ts';
import type { Actor } from '../../server/audit/event.ts';
import type { PageContext, RequestState } from '../../server/http/context.ts';
import type { Csrf } from '../../server/http/csrf.ts';
import { actorOf, basePathOf } from '../../server/http/page-context.ts';
import type { Render } from '../../server/http/render.ts';
import type { MessageKey, Words } from '../../server/http/words.ts';

/** What came of following a link, in words. */
export interface LinkResult {
  status: 200 | 409;
  text: Words;
  /** Where it goes on: a path below the issuer, or a URL of ours. */
  onward: { href: string; label: MessageKey };
}

/** A link in a mail, as its page shows it. */
export interface MailLink {
  path: string;
  title: MessageKey;
  submit: MessageKey;
  /** What the button does, or why the link does nothing. Uses nothing up. */
  look(token: string): Promise<{ text: Words } | LinkFault>;
  use(token: string, by: Actor): Promise<LinkResult | LinkFault>;
}

export interface MailLinkDeps {
  issuer: string;
  render: Render;
  csrf: Csrf;
}

const linkForm = z.object({ token: z.string().max(256).default('') });

const whyOver: Record<LinkFault, MessageKey> = {
  used: 'link.over.used',
  ended: 'link.over.ended',
  expired: 'link.over.expired',
  unknown: 'link.over.unknown',
};

/** `<path>?token=…`: opening it uses nothing up (mail scanners and previews open links too, ATTACKS F06); its button does. */
export function addMailLink(
  router: Router<RequestState, object>,
  { issuer, render, csrf }: MailLinkDeps,
  link: MailLink,
): void {
  const basePath = basePathOf(issuer);
  const purpose = `link ${link.path}`;
  const account = { href: `${basePath}/account`, label: 'link.onward.account' } as const;
  const renderOver = (ctx: PageContext, why: LinkFault): void =>
    render(ctx, 'mail-link-over', { why: whyOver[why], isUsed: why === 'used', onward: account }, 400);

  router.get(link.path, async (ctx) => {
    const token = typeof ctx.query.token === 'string' ? ctx.query.token : '';
    const seen = await link.look(token);
    if (typeof seen === 'string') return renderOver(ctx, seen);
    const form = { action: `${basePath}${link.path}`, csrf: csrf.token(ctx, purpose) };
    const { title, submit } = link;
    render(ctx, 'mail-link', { form, token, title, submit, text: seen.text });
  });

  router.post(link.path, async (ctx) => {
    const { token } = await csrf.readForm(ctx, purpose, linkForm);
    const result = await link.use(token, actorOf(ctx));
    if (typeof result === 'string') return renderOver(ctx, result);
    const { status, text, onward } = result;
    const href = onward.href.startsWith('/') ? `${basePath}${onward.href}` : onward.href;
    render(ctx, 'mail-link-done', { title: link.title, text, onward: { ...onward, href } }, status);
  });
}
