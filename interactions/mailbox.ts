import type Router from '@koa/router';
import type { RequestState } from '../server/http/context.ts';
import type { Render } from '../server/http/render.ts';
import type { MailView } from '../server/http/view-models.ts';
import type { Mailbox, MailboxMessage } from '../server/outbox/mail.ts';

export interface MailboxDeps {
  render: Render;
  mailbox: Mailbox;
}

/** `/dev/mailbox` for people, `/dev/mailbox.json` for programs. To be mounted in evaluation mode only. */
export function addMailbox(router: Router<RequestState, object>, { render, mailbox }: MailboxDeps): void {
  router.get('/dev/mailbox', async (ctx) => {
    render(ctx, 'mailbox', { mails: (await mailbox.list()).map(describeMail).reverse() });
  });
  router.get('/dev/mailbox.json', async (ctx) => {
    const mails = await mailbox.list();
    ctx.set('Cache-Control', 'no-store');
    ctx.body = mails.map(({ to, subject, text, html, links }) => ({ to, subject, text, html, links }));
  });
}

function describeMail({ id, to, subject, sentAt, text, html }: MailboxMessage): MailView {
  return { id, to, subject, sentAt: sentAt.toISOString(), text: linkify(text), html };
}

/** Cuts a text at its web addresses. A full stop or bracket at the end of one belongs to the sentence. */
function linkify(text: string): MailView['text'] {
  return text
    .split(/(https?:\/\/[^\s<>"]*[^\s<>".,;:!?)\]'])/)
    .map((piece, index) => ({ text: piece, href: index % 2 === 1 ? piece : null }))
    .filter(({ text: piece }) => piece !== '');
}
