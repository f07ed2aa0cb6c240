import { z } from 'zod';
import { accountId, clientId, info, notice, reason, text, warning } from './fields.ts';

/** Signing in and out, sessions, and what apps may do for people. */
export const signInEvents = {
  'signin.succeeded': info('A person signed in.', {
    accountId,
    clientId: clientId.optional(),
    amr: z.array(text('pwd', 'How (RFC 8176).')),
  }),
  'signin.failed': notice('Somebody tried to sign in and did not get in.', {
    accountId: accountId.optional(),
    clientId: clientId.optional(),
    reason: reason('wrong_password'),
  }),
  'signin.locked': warning(
    'Failures in a row have locked sign-ins to an account, or to a name that none has.',
    {
      accountId: accountId.optional(),
      failures: z.int().meta({ examples: [5] }),
      isClosed: z.boolean().meta({ description: 'Until it is reset or opened by an operator.' }),
      isKnownDevice: z.boolean(),
    },
  ),
  'login.spray': warning('Many sign-ins fail, of one network or everywhere: only known devices get in.', {
    scope: z.enum(['network', 'everywhere']),
  }),
  'reauth.failed': notice('Somebody in an open session did not prove to be its person.', {
    accountId,
    reason: reason('wrong_password'),
  }),
  'user.unlocked': notice('An operator opened an account that was locked.', { accountId }),
  signout: info('A person signed out.', { accountId, clientId: clientId.optional() }),
  'session.ended': info('A browser session was ended.', {
    accountId,
    sessionId: text('9f86d081884c7d659a2feaa0c55ad015', 'The session, as lists of sessions name it.'),
  }),
  'sessions.ended': info('All browser sessions of a person were ended, or all others.', {
    accountId,
    scope: z.enum(['others', 'all']),
    ended: z.int().meta({ examples: [3] }),
  }),
  'consent.granted': info('A person agreed to what an app wants to see and do.', {
    accountId,
    clientId,
    scopes: z.array(text('openid')),
  }),
  'consent.refused': info('A person refused an app what it asked for.', { accountId, clientId }),
  'consent.withdrawn': info('What an app may see and do for a person was taken back.', {
    accountId,
    clientId,
  }),
  'app.signed_out': info('Everything that an app held for a person was ended.', { accountId, clientId }),
  'token.revoked': info('A client gave back a token.', { clientId, accountId: accountId.optional() }),
  'code.replay': warning('An authorization code came a second time; its tokens were ended (RFC 9700 4.5).', {
    clientId: clientId.optional(),
    accountId: accountId.optional(),
  }),
  'refresh.reuse': warning('A used refresh token came again; its family was ended (RFC 9700 4.14.2).', {
    clientId: clientId.optional(),
    accountId: accountId.optional(),
  }),
  'authorization.error': info('An authorization request was refused.', {
    clientId: clientId.optional(),
    reason: reason('invalid_scope'),
  }),
  'grant.error': info('A token request was refused.', {
    clientId: clientId.optional(),
    reason: reason('invalid_grant'),
  }),
  'protocol.error': info('Another request of the protocol was refused.', {
    clientId: clientId.optional(),
    endpoint: text('introspect'),
    reason: reason('invalid_client'),
  }),
  'csrf.refused': warning('A form came without the token of its page.', {
    route: text('/interaction/:uid/login'),
  }),
};
