import type { FormField } from '../../server/http/form-field.ts';
import type { ClientCard, FormTarget, ViewModels } from '../../server/http/view-models.ts';

type SignUpView =
  | 'sign-up'
  | 'sign-up-closed'
  | 'sign-up-waiting'
  | 'verify-email'
  | 'verify-email-link'
  | 'verify-email-done'
  | 'verify-first'
  | 'account-verify-email'
  | 'invitation'
  | 'invitation-link'
  | 'invitation-done'
  | 'terms';

/** Models of the pages of sign-up in which every text that can come from outside is `text`; see models.ts. */
export function signUpModels(
  text: string,
  form: FormTarget,
  client: ClientCard,
): { [Name in SignUpView]: ViewModels[Name][] } {
  const none = { email: null, name: null, username: null, password: null, terms: null };
  const terms = {
    version: text,
    url: 'https://app.example/terms',
    privacyUrl: 'https://app.example/privacy',
  };
  const challenge = { text, bits: 16, wait: 15 };
  const field: FormField = {
    name: 'attributes.shelf',
    label: { text },
    hint: { key: 'attribute.mask', params: { mask: text } },
    autocomplete: 'off',
    type: 'lines',
    value: text,
    choices: null,
    isRequired: true,
    fault: text,
    meanwhile: null,
  };
  const signUp = {
    form,
    client,
    challenge: null,
    notSent: null,
    terms: null,
    email: text,
    name: text,
    username: text,
    attributes: [field],
    signIn: '/interaction/x/login',
  };
  const waiting = { client: text, email: text, goOn: form, resend: form, again: '/again', state: '/state' };
  const here = { href: '/interaction/x', client: text };
  const account = { href: '/account', client: null };
  const link = { forgot: '/forgot-password', again: '/sign-up', onward: here };
  const asked = { form, token: text, email: text, client: text, startedAt: '2026-01-02T03:04:05.000Z' };
  const invited = { form, token: text, email: text, name: text, attributes: [field] };
  const first = { client: text, resend: form, signIn: '/interaction/x/login' };
  return {
    'sign-up': [
      { ...signUp, faults: none },
      { ...signUp, faults: { email: text, name: text, username: text, password: text, terms: text }, terms },
      { ...signUp, username: null, faults: { ...none, password: text } },
      { ...signUp, faults: none, challenge, notSent: { key: 'proof.needed' } },
      { ...signUp, faults: none, challenge, notSent: { key: 'proof.too_early', params: { seconds: text } } },
    ],
    'sign-up-closed': [{ signIn: '/account' }],
    'sign-up-waiting': [
      { ...waiting, isConfirmed: false, note: null },
      { ...waiting, isConfirmed: false, note: 'not_yet' },
      { ...waiting, isConfirmed: false, note: 'resent' },
      { ...waiting, isConfirmed: true, note: null },
    ],
    'verify-email': [
      { ...asked, isHere: true, isSignUp: true },
      { ...asked, client: null, isHere: false, isSignUp: true },
      { ...asked, isHere: true, isSignUp: false },
    ],
    'verify-email-link': (['unknown', 'used', 'ended', 'expired', 'taken', 'changed'] as const).map(
      (why) => ({
        ...link,
        why,
      }),
    ),
    'verify-email-done': [
      { email: text, usernameTaken: false, where: 'verify.done.elsewhere', onward: null },
      { email: text, usernameTaken: true, where: 'verify.done.here', onward: here },
      { email: text, usernameTaken: false, where: 'verify.done.account_text', onward: account },
    ],
    'verify-first': [
      { ...first, email: text, isAgain: false },
      { ...first, email: null, isAgain: true },
    ],
    invitation: [
      { ...invited, username: text, faults: none, terms: null },
      { ...invited, username: null, faults: { ...none, name: text, password: text, terms: text }, terms },
    ],
    'invitation-link': (['unknown', 'used', 'ended', 'expired', 'taken', 'closed'] as const).map((why) => ({
      why,
      signIn: '/account',
    })),
    terms: [
      { form, client: text, terms, isRefused: false },
      { form, client: text, terms: { ...terms, privacyUrl: null }, isRefused: true },
    ],
    'invitation-done': [
      { email: text, onward: here },
      { email: text, onward: account },
    ],
    'account-verify-email': [
      { pages: [], form, email: text, emailVerified: false, isAsked: false },
      { pages: [], form, email: text, emailVerified: false, isAsked: true },
      { pages: [], form, email: text, emailVerified: true, isAsked: false },
      { pages: [], form, email: null, emailVerified: false, isAsked: false },
    ],
  };
}
