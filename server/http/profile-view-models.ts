import type { FormField } from './form-field.ts';
import type { AccountPageModel, FormTarget } from './view-models.ts';
import type { MessageKey, Words } from './words.ts';

/** Fields of the profile that belong together. */
export interface ProfileGroup {
  title: MessageKey;
  fields: FormField[];
  /** What is to be seen only. */
  facts: { label: Words; value: Words }[];
}

/** The pages on which people change what is known of them, and those of the links in mails. */
export interface ProfileViewModels {
  'account-profile': AccountPageModel & {
    form: FormTarget;
    version: string;
    notice: MessageKey | null;
    isRefusal: boolean;
    username: string | null;
    email: string | null;
    emailVerified: boolean;
    addresses: string;
    groups: ProfileGroup[];
  };
  'account-email': AccountPageModel & {
    form: FormTarget;
    notice: Words | null;
    isRefusal: boolean;
    email: string | null;
    emailVerified: boolean;
    change: { typed: string; fault: string | null };
    second: { present: string | null; typed: string; fault: string | null };
  };
  'account-picture': AccountPageModel & {
    form: FormTarget;
    notice: MessageKey | null;
    fault: MessageKey | null;
    /** One of this server's own. */
    picture: string | null;
    hasPicture: boolean;
  };
  'account-data': AccountPageModel & {
    form: FormTarget;
    /** Until when a deletion that is asked for now could be taken back; null: not at all. */
    until: string | null;
    fault: MessageKey | null;
  };
  /** The day on which it is deleted; null: it is. */
  'account-deleted': { dueAt: string | null };
  /** A link in a mail: what its button does, what came of it, or why it does nothing. */
  'account-support': { form: FormTarget; person: string; operator: string; reason: string; minutes: number };
  'mail-link': { form: FormTarget; token: string; title: MessageKey; submit: MessageKey; text: Words };
  'mail-link-done': { title: MessageKey; text: Words; onward: { href: string; label: MessageKey } };
  'mail-link-over': { why: MessageKey; isUsed: boolean; onward: { href: string; label: MessageKey } };
}
