import type { SessionCard } from '../../server/http/session-view-models.ts';
import type {
  AccountPageModel,
  ClientCard,
  ScopeGroup,
  ViewModels,
  ViewName,
} from '../../server/http/view-models.ts';
import { referenceModel } from './reference-model.ts';
import { signUpModels } from './sign-up-models.ts';

/**
 * Models of all views in which every text that can come from outside is `text`. Addresses stay as they are: what becomes
 * a link is decided before.
 */
export function modelsWith(text: string): { [Name in ViewName]: ViewModels[Name][] } {
  const form = { action: `/interaction/x?client_id=${encodeURIComponent(text)}`, csrf: text };
  const engineForm = { action: '/device', xsrf: text };
  const client: ClientCard = {
    name: text,
    logo: 'https://app.example/logo.png',
    home: 'https://app.example/',
    policy: 'https://app.example/policy',
    terms: 'https://app.example/terms',
  };
  const bare: ClientCard = { name: text, logo: null, home: null, policy: null, terms: null };
  const scopes: ScopeGroup[] = [
    { title: { text }, scopes: [{ label: { text }, detail: { text } }] },
    {
      title: { key: 'scopes.of_account' },
      scopes: [
        { label: { key: 'scope.profile' }, detail: { key: 'scope.profile.detail' } },
        { label: { key: 'scope.claim', params: { claim: text } }, detail: null },
      ],
    },
  ];
  const consent = { form, client, accountName: text, destination: text };
  const signIn = {
    form,
    cancel: form,
    client,
    username: text,
    forgot: '/forgot-password',
    signUp: '/sign-up',
  };
  const pages: AccountPageModel['pages'] = [
    { href: '/account/profile', label: 'account.profile', current: true },
    { href: '/account/sessions', label: 'account.profile', current: false },
  ];
  const at = '2026-01-02T03:04:05.000Z';
  const session: SessionCard = {
    id: 'a'.repeat(32),
    isCurrent: true,
    device: { key: 'device_is.both', params: { browser: text, system: text } },
    ip: text,
    place: { text },
    firstSeen: at,
    lastSeen: at,
    signedIn: at,
    how: 'account.how.pwd',
    apps: [text, text],
  };
  const bareSession: SessionCard = {
    ...session,
    isCurrent: false,
    device: { key: 'device_is.unknown' },
    ip: null,
    place: null,
    firstSeen: null,
    lastSeen: null,
    signedIn: null,
    apps: [],
  };
  const sessions = { pages, end: form, endOthers: form, endAll: form, signOut: '/oauth2/logout' };
  const app = {
    id: text,
    name: text,
    scopes,
    since: at,
    lastUsed: at,
    isConsented: true,
    isSignedIn: true,
  };
  const way = { href: '/account', label: 'error.to_account' } as const;
  return {
    landing: [
      { issuer: text, account: '/account', discovery: '/discovery', mailbox: '/dev/mailbox' },
      { issuer: text, account: '/account', discovery: '/discovery', mailbox: null },
    ],
    'sign-in': [
      { ...signIn, again: false, fault: null },
      { ...signIn, client: bare, again: true, signUp: null, fault: { key: 'signin.rejected' } },
      { ...signIn, again: false, fault: { key: 'signin.wait_minutes', params: { minutes: text } } },
    ],
    consent: [
      { ...consent, fresh: scopes, known: [] },
      { ...consent, fresh: scopes, known: scopes },
      { ...consent, client: bare, fresh: [], known: scopes, destination: null },
    ],
    continue: [{ href: `/oauth2/authorize/x?text=${encodeURIComponent(text)}` }],
    expired: [
      { client, startAgain: 'https://app.example/' },
      { client: null, startAgain: '/account' },
    ],
    error: (
      [
        'bad_request',
        'client_request',
        'forbidden',
        'internal',
        'method_not_allowed',
        'misdirected',
        'not_found',
        'overloaded',
        'sign_in_needed',
        'stale_form',
        'too_large',
        'too_many_requests',
        'unavailable',
      ] as const
    ).map((kind) => ({ kind, errorId: text, way, technical: { code: text, description: text } })),
    'sign-out': [
      { form: engineForm, client, stay: null },
      { form: engineForm, client: null, stay: '/account' },
    ],
    'signed-out': [
      { client, again: '/account' },
      { client: bare, again: '/account' },
      { client: null, again: '/account' },
    ],
    'device-code': [
      { form: engineForm, userCode: text, fault: 'device.refused' },
      { form: engineForm, userCode: '', fault: null },
    ],
    'device-confirm': [{ form: engineForm, client, userCode: text }],
    'device-done': [{ client }, { client: null }],
    'first-admin': [
      { form, token: text, email: text, faults: { email: text, password: text } },
      { form, token: text, email: '', faults: { email: null, password: null } },
    ],
    'first-admin-link': [{}],
    'first-admin-done': [{ email: text }],
    'forgot-password': [
      { form, email: '', wayBack: null, challenge: null, notSent: null },
      {
        form,
        email: text,
        wayBack: { interaction: text, clientId: text, href: '/interaction/x' },
        challenge: { text, bits: 16, wait: 15 },
        notSent: { key: 'proof.too_early', params: { seconds: text } },
      },
    ],
    'forgot-password-sent': [
      { again: '/forgot-password', back: null },
      { again: '/forgot-password', back: '/interaction/x' },
    ],
    'reset-password': [
      { form, token: text, lead: 'reset.text', fault: null },
      { form, token: text, lead: 'reset.initial', fault: text },
    ],
    'reset-password-link': [
      { why: 'reset.link.used', isUsed: true, again: '/forgot-password' },
      { why: 'reset.link.expired', isUsed: false, again: '/forgot-password' },
    ],
    'reset-password-done': [
      { onward: { href: '/interaction/x', client: text } },
      { onward: { href: '/account', client: null } },
    ],
    ...signUpModels(text, form, client),
    mailbox: [
      { mails: [] },
      {
        mails: [
          {
            id: '1',
            to: text,
            subject: text,
            sentAt: '2026-01-02T03:04:05.000Z',
            text: [
              { text, href: null },
              { text: 'https://app.example/', href: 'https://app.example/' },
            ],
            html: `<p>${text}</p>`,
          },
        ],
      },
    ],
    'api-reference': [referenceModel(text)],
    admin: [{ reference: '/api/admin/v1/', account: '/account', createClient: text, askToken: text }],
    'account-sessions': [
      { ...sessions, current: session, others: [bareSession, { ...session, isCurrent: false }], done: null },
      { ...sessions, current: session, others: [], done: 'sessions.done.one' },
      { ...sessions, current: null, others: [], done: 'sessions.done.others' },
    ],
    'account-activity': [
      {
        pages,
        items: [
          {
            what: { key: 'activity.app_connected' },
            at,
            from: at,
            count: 2,
            app: text,
            ip: text,
            place: { text },
            device: { text },
            isOfOthers: true,
          },
        ],
        older: '/account/activity?before=1',
        newest: '/account/activity',
      },
      { pages, items: [], older: null, newest: null },
    ],
    'account-apps': [
      {
        pages,
        withdraw: form,
        apps: [app, { ...app, lastUsed: null, isSignedIn: false }, { ...app, isConsented: false }],
        done: 'apps.done.withdrawn',
      },
      { pages, withdraw: form, apps: [], done: null },
    ],
    'account-profile': [
      profile({ form, pages: [...pages], text }, false),
      profile({ form, pages: [...pages], text }, true),
    ],
    'account-email': [
      {
        pages: [...pages],
        form,
        notice: { key: 'email.sent', params: { address: text } },
        isRefusal: false,
        email: text,
        emailVerified: true,
        change: { typed: text, fault: text },
        second: { present: text, typed: text, fault: text },
      },
      {
        pages: [...pages],
        form,
        notice: null,
        isRefusal: true,
        email: null,
        emailVerified: false,
        change: { typed: '', fault: null },
        second: { present: null, typed: '', fault: null },
      },
    ],
    'account-picture': [
      {
        pages: [...pages],
        form,
        notice: 'picture.saved',
        fault: 'picture.fault.type',
        picture: 'https://app.example/logo.png',
        hasPicture: true,
      },
      { pages: [...pages], form, notice: null, fault: null, picture: null, hasPicture: false },
    ],
    'account-data': [
      { pages: [...pages], form, until: null, fault: 'data.delete.fault' },
      { pages: [...pages], form, until: text, fault: null },
    ],
    'account-deleted': [{ dueAt: null }, { dueAt: text }],
    'account-support': [{ form, person: text, operator: text, reason: text, minutes: 30 }],
    'mail-link': [
      {
        form,
        token: text,
        title: 'link.confirm_email.title',
        submit: 'link.confirm_email.submit',
        text: { key: 'link.confirm_email.text', params: { address: text, from: text } },
      },
    ],
    'mail-link-done': [
      {
        title: 'link.confirm_email.title',
        text: { key: 'link.confirm_email.done', params: { address: text } },
        onward: { href: '/account', label: 'link.onward.account' },
      },
    ],
    'mail-link-over': [
      {
        why: 'link.over.used',
        isUsed: true,
        onward: { href: '/account', label: 'link.onward.account' },
      },
      {
        why: 'link.over.ended',
        isUsed: false,
        onward: { href: '/account', label: 'link.onward.account' },
      },
    ],
    'account-security': [
      {
        pages: [...pages],
        form,
        username: text,
        faults: { password: null, newPassword: text },
        isDone: false,
      },
      {
        pages: [...pages],
        form,
        username: text,
        faults: { password: { key: 'account.security.wrong' }, newPassword: null },
        isDone: true,
      },
      {
        pages: [...pages],
        form: null,
        username: text,
        faults: { password: null, newPassword: null },
        isDone: false,
      },
    ],
    account: [
      {
        pages,
        issuer: text,
        clientId: text,
        redirectUri: text,
        afterSignOut: text,
        signOut: '/oauth2/logout',
      },
    ],
  };
}

type ProfileModel = ViewModels['account-profile'];

function profile(
  { form, pages, text }: Pick<ProfileModel, 'form' | 'pages'> & { text: string },
  isRefused: boolean,
): ProfileModel {
  const field: ProfileModel['groups'][number]['fields'][number] = {
    name: 'nickname',
    label: { text },
    hint: { key: 'profile.field.locale.hint' },
    autocomplete: 'off',
    type: 'text',
    value: text,
    choices: null,
    isRequired: false,
    fault: isRefused ? text : null,
    meanwhile: isRefused ? { key: 'profile.meanwhile', params: { value: text } } : null,
  };
  return {
    pages,
    form,
    version: text,
    notice: isRefused ? 'profile.conflict' : 'profile.saved',
    isRefusal: isRefused,
    username: isRefused ? null : text,
    email: isRefused ? null : text,
    emailVerified: true,
    addresses: '/account/email',
    groups: [
      {
        title: 'profile.group.about',
        fields: [
          field,
          { ...field, name: 'zoneinfo', hint: null, choices: [{ value: text, label: { text } }] },
        ],
        facts: [{ label: { text }, value: { text } }],
      },
    ],
  };
}
