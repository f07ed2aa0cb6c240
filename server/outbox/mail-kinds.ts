/** Every mail that people get, with what its words need. `link` is where its button leads. */
export interface MailKinds {
  /** To the first administrator, once the account is made. */
  admin_welcome: { address: string; link: string };
  /** To the owner, when strangers have guessed their password so often that new devices have to wait. */
  sign_in_locked: { link: string };
  /** The same, when it is closed to new devices until it is reset. */
  sign_in_closed: { link: string };
  /** An operator tries whether mail gets out. */
  mail_test: { address: string };
  /** To who has asked for a new password. */
  password_reset: { address: string; link: string };
  /** The same, for an account that has no password. */
  password_reset_none: { address: string; link: string };
  /** An operator wants somebody to set a password. */
  password_reset_by_operator: { address: string; link: string };
  /** To every address of an account whose password is another one now. */
  password_changed: { address: string; link: string };
  /** To who has signed up: confirms the address. */
  sign_up: { address: string; link: string };
  /** To somebody whom an operator has invited. */
  invitation: { address: string; link: string };
  /** To the address of an account: confirms that it is its owner's. */
  verify_email: { address: string; link: string };
  /** To the owner of an account with whose address somebody has signed up. */
  sign_up_taken: { address: string; link: string };
  /** To an address that somebody wants for their account. */
  email_change: { address: string; link: string };
  /** To the owner of an address that somebody else wants. */
  email_change_taken: { address: string; link: string };
  /** To every address that an account had before its address changed; the link undoes it. */
  email_changed: { old: string; address: string; link: string };
  /** To every address of an account whose change was undone. */
  email_change_undone: { address: string; link: string };
  /** To a second address at which somebody wants to be told. */
  notification_email: { address: string; link: string };
  /** To the addresses that were there before. */
  notification_email_added: { link: string };
  /** To all addresses, the removed one too. */
  notification_email_removed: { link: string };
  /** To every address of somebody who wants to be deleted; the link takes it back. */
  account_deletion: { date: string; link: string };
  account_deletion_cancelled: { link: string };
  /** To every address of somebody for whom an operator acts now. */
  support_begun: { reason: string; minutes: string; link: string };
  /** The last one that somebody gets. */
  account_deleted: Record<never, string>;
}

export type MailKind = keyof MailKinds;

/** One mail, not yet in words. */
export type MailMessage = { [Kind in MailKind]: { kind: Kind; params: MailKinds[Kind] } }[MailKind];

/** Whether what is owed is a mail. */
export const isMailKind = (kind: string): kind is MailKind => Object.hasOwn(mailLayouts, kind);

/** How the words of a mail are put together; all of them are keys of the catalogue. */
export interface MailLayout {
  subject: string;
  paragraphs: readonly string[];
  /** The words of the button; none: the mail only tells. */
  action?: string;
  /** After the button. */
  closing?: readonly string[];
}

export const mailLayouts: Readonly<Record<MailKind, MailLayout>> = {
  admin_welcome: {
    subject: 'mail.admin_welcome.subject',
    paragraphs: ['mail.admin_welcome.text'],
    action: 'mail.admin_welcome.action',
    closing: ['mail.admin_welcome.not_you'],
  },
  sign_in_locked: {
    subject: 'mail.sign_in_locked.subject',
    paragraphs: ['mail.sign_in_locked.text', 'mail.sign_in_locked.known', 'mail.sign_in_locked.next'],
    action: 'mail.sign_in_locked.action',
  },
  sign_in_closed: {
    subject: 'mail.sign_in_closed.subject',
    paragraphs: ['mail.sign_in_closed.text', 'mail.sign_in_closed.known'],
    action: 'mail.sign_in_locked.action',
  },
  mail_test: { subject: 'mail.mail_test.subject', paragraphs: ['mail.mail_test.text'] },
  password_reset: {
    subject: 'mail.password_reset.subject',
    paragraphs: ['mail.password_reset.text'],
    action: 'mail.password_reset.action',
    closing: ['mail.password_reset.once', 'mail.password_reset.not_you'],
  },
  password_reset_none: {
    subject: 'mail.password_reset_none.subject',
    paragraphs: ['mail.password_reset_none.text', 'mail.password_reset_none.way'],
    action: 'mail.password_reset_none.action',
    closing: ['mail.password_reset.not_you'],
  },
  password_reset_by_operator: {
    subject: 'mail.password_reset_by_operator.subject',
    paragraphs: ['mail.password_reset_by_operator.text'],
    action: 'mail.password_reset.action',
    closing: ['mail.password_reset_by_operator.once'],
  },
  password_changed: {
    subject: 'mail.password_changed.subject',
    paragraphs: ['mail.password_changed.text', 'mail.password_changed.not_you'],
    action: 'mail.password_changed.action',
  },
  sign_up: {
    subject: 'mail.sign_up.subject',
    paragraphs: ['mail.sign_up.text'],
    action: 'mail.sign_up.action',
    closing: ['mail.sign_up.once', 'mail.sign_up.not_you'],
  },
  verify_email: {
    subject: 'mail.sign_up.subject',
    paragraphs: ['mail.verify_email.text'],
    action: 'mail.sign_up.action',
    closing: ['mail.sign_up.once', 'mail.verify_email.not_you'],
  },
  invitation: {
    subject: 'mail.invitation.subject',
    paragraphs: ['mail.invitation.text'],
    action: 'mail.invitation.action',
    closing: ['mail.sign_up.once', 'mail.sign_up.not_you'],
  },
  sign_up_taken: {
    subject: 'mail.sign_up_taken.subject',
    paragraphs: ['mail.sign_up_taken.text', 'mail.sign_up_taken.you'],
    action: 'mail.sign_up_taken.action',
    closing: ['mail.sign_up_taken.not_you'],
  },
  email_change: {
    subject: 'mail.email_change.subject',
    paragraphs: ['mail.email_change.text'],
    action: 'mail.email_change.action',
    closing: ['mail.email_change.once', 'mail.email_change.not_you'],
  },
  email_change_taken: {
    subject: 'mail.email_change_taken.subject',
    paragraphs: ['mail.email_change_taken.text', 'mail.email_change_taken.nothing'],
    action: 'mail.email_change_taken.action',
  },
  email_changed: {
    subject: 'mail.email_changed.subject',
    paragraphs: ['mail.email_changed.text', 'mail.email_changed.not_you'],
    action: 'mail.email_changed.action',
    closing: ['mail.email_changed.once'],
  },
  email_change_undone: {
    subject: 'mail.email_change_undone.subject',
    paragraphs: ['mail.email_change_undone.text', 'mail.email_change_undone.next'],
    action: 'mail.email_change_undone.action',
  },
  notification_email: {
    subject: 'mail.notification_email.subject',
    paragraphs: ['mail.notification_email.text'],
    action: 'mail.notification_email.action',
    closing: ['mail.notification_email.once', 'mail.notification_email.not_you'],
  },
  notification_email_added: {
    subject: 'mail.notification_email_added.subject',
    paragraphs: ['mail.notification_email_added.text', 'mail.notification_email_added.not_you'],
    action: 'mail.notification_email_added.action',
  },
  notification_email_removed: {
    subject: 'mail.notification_email_removed.subject',
    paragraphs: ['mail.notification_email_removed.text', 'mail.notification_email_removed.not_you'],
    action: 'mail.notification_email_removed.action',
  },
  account_deletion: {
    subject: 'mail.account_deletion.subject',
    paragraphs: ['mail.account_deletion.text', 'mail.account_deletion.not_you'],
    action: 'mail.account_deletion.action',
    closing: ['mail.account_deletion.otherwise'],
  },
  account_deletion_cancelled: {
    subject: 'mail.account_deletion_cancelled.subject',
    paragraphs: ['mail.account_deletion_cancelled.text'],
    action: 'mail.account_deletion_cancelled.action',
  },
  support_begun: {
    subject: 'mail.support_begun.subject',
    paragraphs: ['mail.support_begun.text', 'mail.support_begun.reason'],
    action: 'mail.support_begun.action',
    closing: ['mail.support_begun.end'],
  },
  account_deleted: {
    subject: 'mail.account_deleted.subject',
    paragraphs: ['mail.account_deleted.text', 'mail.account_deleted.apps'],
  },
};
