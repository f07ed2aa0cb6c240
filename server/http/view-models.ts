import type { ProfileViewModels } from './profile-view-models.ts';
import type { SessionViewModels } from './session-view-models.ts';
import type { ProofChallenge, SignUpViewModels } from './sign-up-view-models.ts';
import type { MessageKey, Words } from './words.ts';

/** Where a form goes and what it carries to prove that it is ours; see csrf.ts. */
export interface FormTarget {
  action: string;
  csrf: string;
}

/** A form whose token the engine made and checks. */
export interface EngineFormTarget {
  action: string;
  xsrf: string;
}

/** The sign-in that a page was opened from, as hidden fields of its form; `href` leads back to it. */
export interface WayBackFields {
  interaction: string;
  clientId: string;
  href: string;
}

/** A client as people see it. URLs are http(s) only; `logo` is one that the page's policy lets in. */
export interface ClientCard {
  name: string;
  logo: string | null;
  home: string | null;
  policy: string | null;
  terms: string | null;
}

/** Everything that a client may get from one source: this server's account data, or one resource server. */
export interface ScopeGroup {
  title: Words;
  scopes: { label: Words; detail: Words | null }[];
}

export interface ErrorModel {
  /** Names the three texts of the catalogue: what happened, whether anything was lost, what to do. */
  kind: ErrorKind;
  /** Stands in the log too. */
  errorId: string;
  way: { href: string; label: MessageKey };
  /** For the developer of the client: an OAuth error as the specification names it. */
  technical: { code: string; description: string } | null;
}

export type ErrorKind =
  | 'acting'
  | 'bad_request'
  | 'client_request'
  | 'forbidden'
  | 'internal'
  | 'method_not_allowed'
  | 'misdirected'
  | 'not_found'
  | 'overloaded'
  | 'sign_in_needed'
  | 'stale_form'
  | 'support_over'
  | 'too_large'
  | 'too_many_requests'
  | 'too_many_sign_ins'
  | 'unavailable';

/** An API for people who write programs. Schemas are JSON text. */
export interface ReferenceModel {
  title: string;
  about: string;
  /** Where the operations' paths begin. */
  root: string;
  /** The same as OpenAPI. */
  document: string;
  /** By collection. */
  groups: {
    name: string;
    operations: {
      id: string;
      method: string;
      path: string;
      summary: string;
      scopes: string[];
      parameters: { name: string; place: string; about: string }[];
      body: ({ types: string[] } & ReferenceSchema) | null;
      /** A command to copy. */
      curl: string;
      /** A refusal has `codes`, anything else says what it is `about`. */
      answers: ({
        status: string;
        about: string | null;
        codes: string[];
        example: string | null;
      } & ReferenceSchema)[];
    }[];
  }[];
  errors: { code: string; status: number; title: string }[];
  schemas: { name: string; text: string }[];
}

/** One of `schemas` by its name, or a text of its own, or nothing. */
export interface ReferenceSchema {
  schemaName: string | null;
  schema: string | null;
}

export interface MailView {
  id: string;
  to: string;
  subject: string;
  /** ISO 8601. */
  sentAt: string;
  /** The text in pieces; those with an href are links. */
  text: { text: string; href: string | null }[];
  html: string;
}

/** What each account page has beside its own matter: the way to the others. */
export interface AccountPageModel {
  pages: { href: string; label: MessageKey; current: boolean }[];
}

/** Every page and what it needs to know. */
export interface ViewModels extends SessionViewModels, ProfileViewModels, SignUpViewModels {
  landing: { issuer: string; account: string; discovery: string; mailbox: string | null };
  'sign-in': {
    form: FormTarget;
    cancel: FormTarget;
    client: ClientCard;
    username: string;
    /** The person is signed in already, but the client wants a fresh proof. */
    again: boolean;
    forgot: string;
    /** Where one signs up; null where nobody can. */
    signUp: string | null;
    fault: Words | null;
  };
  consent: {
    form: FormTarget;
    client: ClientCard;
    accountName: string;
    /** What is asked for now and was not agreed before. */
    fresh: ScopeGroup[];
    /** What was agreed before. */
    known: ScopeGroup[];
    /** Where the browser goes next: a host, or the scheme of an app; null when it stays here. */
    destination: string | null;
  };
  continue: { href: string };
  expired: { client: ClientCard | null; startAgain: string };
  error: ErrorModel;
  'sign-out': {
    form: EngineFormTarget;
    client: ClientCard | null;
    /** Where "stay signed in" leads; null when the engine must tell the client that the person stays. */
    stay: string | null;
  };
  'signed-out': { client: ClientCard | null; again: string };
  'device-code': { form: EngineFormTarget; userCode: string; fault: MessageKey | null };
  'device-confirm': { form: EngineFormTarget; client: ClientCard; userCode: string };
  'device-done': { client: ClientCard | null };
  'first-admin': {
    form: FormTarget;
    token: string;
    email: string;
    faults: { email: string | null; password: string | null };
  };
  'first-admin-link': Record<string, never>;
  'first-admin-done': { email: string };
  'forgot-password': {
    form: FormTarget;
    email: string;
    wayBack: WayBackFields | null;
    challenge: ProofChallenge | null;
    /** Why the form was not taken, though nothing is wrong in it. */
    notSent: Words | null;
  };
  'forgot-password-sent': { again: string; back: string | null };
  'reset-password': { form: FormTarget; token: string; lead: MessageKey; fault: string | null };
  /** A link that does nothing, and what to do instead. */
  'reset-password-link': { why: MessageKey; isUsed: boolean; again: string };
  'reset-password-done': { onward: { href: string; client: string | null } };
  mailbox: { mails: MailView[] };
  'api-reference': ReferenceModel;
  admin: { reference: string; account: string; createClient: string; askToken: string };
  'account-security': AccountPageModel & {
    /** Null for somebody who has no password here. */
    form: FormTarget | null;
    /** For password managers, which keep a password with a name. */
    username: string;
    faults: { password: Words | null; newPassword: string | null };
    isDone: boolean;
  };
}

export type ViewName = keyof ViewModels;
