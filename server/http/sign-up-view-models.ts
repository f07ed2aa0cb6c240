import type { FormField } from './form-field.ts';
import type { AccountPageModel, ClientCard, FormTarget } from './view-models.ts';
import type { MessageKey, Words } from './words.ts';

/** What is to be accepted, and where it can be read. */
export interface TermsView {
  version: string;
  url: string;
  privacyUrl: string | null;
}

/** What the browser is to do before a form is taken; null while nothing is. */
export interface ProofChallenge {
  text: string;
  bits: number;
  wait: number;
}

/** The pages by which people make accounts, confirm addresses and accept terms, and what they need to know. */
export interface SignUpViewModels {
  'sign-up': {
    form: FormTarget;
    client: ClientCard;
    email: string;
    name: string;
    /** Null where none is asked for. */
    username: string | null;
    faults: Record<'email' | 'name' | 'username' | 'password' | 'terms', string | null>;
    /** What else is asked for here. */
    attributes: FormField[];
    /** Null while this service has none. */
    terms: TermsView | null;
    challenge: ProofChallenge | null;
    /** Why the form was not taken, though nothing is wrong in it. */
    notSent: Words | null;
    signIn: string;
  };
  'sign-up-closed': { signIn: string };
  'sign-up-waiting': {
    client: string;
    email: string;
    isConfirmed: boolean;
    note: 'not_yet' | 'resent' | null;
    goOn: FormTarget;
    resend: FormTarget;
    again: string;
    /** Says to the script whether the address is confirmed. */
    state: string;
  };
  'verify-email': {
    form: FormTarget;
    token: string;
    email: string;
    client: string | null;
    /** ISO 8601. */
    startedAt: string;
    isHere: boolean;
    /** Not an account that is there already. */
    isSignUp: boolean;
  };
  /** A link that does nothing, and what to do instead. */
  'verify-email-link': {
    why: 'unknown' | 'used' | 'ended' | 'expired' | 'taken' | 'changed';
    forgot: string;
    again: string;
    onward: { href: string; client: string | null };
  };
  'verify-email-done': {
    email: string;
    usernameTaken: boolean;
    /** What comes next. */
    where: MessageKey;
    onward: { href: string; client: string | null } | null;
  };
  invitation: {
    form: FormTarget;
    token: string;
    email: string;
    name: string;
    /** Null where none is asked for. */
    username: string | null;
    faults: Record<'name' | 'username' | 'password' | 'terms', string | null>;
    /** What else is asked for here. */
    attributes: FormField[];
    /** Null while this service has none. */
    terms: TermsView | null;
  };
  'invitation-link': { why: 'unknown' | 'used' | 'ended' | 'expired' | 'taken' | 'closed'; signIn: string };
  'invitation-done': { email: string; onward: { href: string; client: string | null } };
  terms: { form: FormTarget; client: string; terms: TermsView; isRefused: boolean };
  /** The address must be confirmed before somebody may go on to the client. */
  'verify-first': {
    client: string;
    email: string | null;
    isAgain: boolean;
    resend: FormTarget;
    signIn: string;
  };
  'account-verify-email': AccountPageModel & {
    form: FormTarget;
    email: string | null;
    emailVerified: boolean;
    isAsked: boolean;
  };
}
