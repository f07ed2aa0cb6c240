import type Router from '@koa/router';
import type { ConfirmEmailChange } from '../../server/accounts/email-change/confirm-email-change.ts';
import type { UndoEmailChange } from '../../server/accounts/email-change/undo-email-change.ts';
import type { ChangeNotificationEmail } from '../../server/accounts/notification-email/change-notification-email.ts';
import type { RequestState } from '../../server/http/context.ts';
import { addMailLink, type MailLink, type MailLinkDeps } from './mail-link.ts';

export interface EmailLinkDeps extends MailLinkDeps {
  confirmEmailChange: ConfirmEmailChange;
  undoEmailChange: UndoEmailChange;
  changeNotificationEmail: Pick<ChangeNotificationEmail, 'look' | 'confirm'>;
}

const toAccount = { href: '/account', label: 'link.onward.account' } as const;

/** The links in mails about addresses. Whoever holds one need not be signed in: the link is the proof. */
export function addEmailLinks(router: Router<RequestState, object>, deps: EmailLinkDeps): void {
  for (const link of [confirmEmail(deps), undoEmail(deps), confirmNotificationEmail(deps)])
    addMailLink(router, deps, link);
}

const confirmEmail = ({ confirmEmailChange }: EmailLinkDeps): MailLink => ({
  path: '/confirm-email',
  title: 'link.confirm_email.title',
  submit: 'link.confirm_email.submit',
  async look(token) {
    const seen = await confirmEmailChange.look(token);
    if (typeof seen === 'string') return seen;
    const { address, from } = seen;
    return from === null
      ? { text: { key: 'link.confirm_email.first', params: { address } } }
      : { text: { key: 'link.confirm_email.text', params: { address, from } } };
  },
  async use(token, by) {
    const seen = await confirmEmailChange.look(token);
    if (typeof seen === 'string') return seen;
    const outcome = await confirmEmailChange.confirm({ token, by });
    if (outcome.kind === 'over') return outcome.why;
    const params = { address: seen.address };
    return outcome.kind === 'taken'
      ? { status: 409, text: { key: 'link.confirm_email.taken', params }, onward: toAccount }
      : { status: 200, text: { key: 'link.confirm_email.done', params }, onward: toAccount };
  },
});

const undoEmail = ({ undoEmailChange }: EmailLinkDeps): MailLink => ({
  path: '/undo-email',
  title: 'link.undo_email.title',
  submit: 'link.undo_email.submit',
  async look(token) {
    const seen = await undoEmailChange.look(token);
    return typeof seen === 'string' ? seen : { text: { key: 'link.undo_email.text', params: seen } };
  },
  async use(token, by) {
    const seen = await undoEmailChange.look(token);
    if (typeof seen === 'string') return seen;
    const outcome = await undoEmailChange.undo({ token, by });
    if (outcome.kind === 'over') return outcome.why;
    if (outcome.kind === 'taken')
      return { status: 409, text: { key: 'link.undo_email.taken', params: seen }, onward: toAccount };
    return outcome.next === null
      ? { status: 200, text: { key: 'link.undo_email.done.none', params: seen }, onward: toAccount }
      : {
          status: 200,
          text: { key: 'link.undo_email.done', params: seen },
          onward: { href: outcome.next, label: 'link.onward.reset' },
        };
  },
});

const confirmNotificationEmail = ({ changeNotificationEmail }: EmailLinkDeps): MailLink => ({
  path: '/confirm-notification-email',
  title: 'link.notification_email.title',
  submit: 'link.notification_email.submit',
  async look(token) {
    const seen = await changeNotificationEmail.look(token);
    return typeof seen === 'string' ? seen : { text: { key: 'link.notification_email.text', params: seen } };
  },
  async use(token, by) {
    const outcome = await changeNotificationEmail.confirm({ token, by });
    if (outcome.kind === 'over') return outcome.why;
    const { address } = outcome;
    const onward = { href: '/account/email', label: 'link.onward.email' } as const;
    return { status: 200, text: { key: 'link.notification_email.done', params: { address } }, onward };
  },
});
