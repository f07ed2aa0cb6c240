/** Every mail that people get, with what its words need. `link` is where its button leads. */
export interface MailKinds {
  /** To the first administrator, once the account is made. */
  admin_welcome: { address: string; link: string };
  /** To the owner, when strangers have guessed their password so often that new devices have to wait. */
  sign_in_locked: { link: string };
  /** The same, when it is closed to new devices until it is reset. */
  sign_in_closed: { link: string };
}

export type MailKind = keyof MailKinds;

/** One mail, not yet in words. */
export type MailMessage = { [Kind in MailKind]: { kind: Kind; params: MailKinds[Kind] } }[MailKind];

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
};
