import { z } from 'zod';
import { accountId, change, clientId, info, notice, reason, text, warning } from './fields.ts';

const id = (what: string) => text('nA0fYx2wTq6mJc8R1sLkVg', what);
const supportId = text('0b5f1c2d3e4f5a6b7c8d9e0f1a2b3c4d', 'The support session.');
const result = text('sent', 'What became of it, as a stable word.');
const email = change({ email: 'old@example.org' }, { email: 'new@example.org' });

/** Accounts, and what people do with their own. */
export const peopleEvents = {
  'user.created': notice('An account was made, by an operator, a program or an import.', {
    accountId,
    change: change({}, { email: 'person@example.org', status: 'active', roles: ['editor'] }),
    passwordSet: z.literal(true).optional(),
    importId: id('The import that it is part of.').optional(),
  }),
  'user.updated': notice('An account was changed by an operator, a program or an import.', {
    accountId,
    change: change({ roles: [] }, { roles: ['editor'] }),
    passwordSet: z.literal(true).optional(),
    importId: id('The import that it is part of.').optional(),
  }),
  'user.deleted': notice('An account is gone for good.', {
    accountId,
    change: change({ status: 'active', roles: [] }, {}),
  }),
  'user.deletion.requested': notice('A person asked for the end of their account.', {
    accountId,
    dueAt: text('2026-11-24T22:56:59.000Z', 'When it is deleted.'),
  }),
  'user.deletion.cancelled': notice('An account that was to be deleted stays.', { accountId }),
  'support.asked': notice('An operator wants to act in the place of a person; nothing is open yet.', {
    accountId,
    supportId,
    change: change({}, { reason: 'The export of a report fails, ticket 4711', minutes: 30 }),
  }),
  'support.begun': warning('An operator acts in the place of a person.', {
    accountId,
    supportId,
    change: change({}, { reason: 'The export of a report fails, ticket 4711', minutes: 30 }),
  }),
  'support.ended': notice('A support session was ended before its time.', { accountId, supportId }),
  'account.exported': notice('A person took home everything that is known of them.', { accountId }),
  'picture.changed': info('A person has another picture.', { accountId }),
  'picture.removed': info('A person removed their picture.', { accountId }),
  'profile.changed': info('A person changed their own details.', {
    accountId,
    change: change({ name: 'Alex' }, { name: 'Alexandra' }),
  }),
  'email.change.requested': notice('A person wants another address; nothing has changed yet.', { accountId }),
  'email.changed': notice('A person has another address, and has proved that it is theirs.', {
    accountId,
    change: email,
  }),
  'email.change.undone': notice('The person with the address of before took the change back.', {
    accountId,
    change: email,
  }),
  'notification_email.requested': info('A second address for notices is to be confirmed.', { accountId }),
  'notification_email.added': notice('A second address for notices was confirmed.', { accountId }),
  'notification_email.removed': notice('The second address for notices was removed.', { accountId }),
  'user.email.verification_sent': info('A link went out that confirms an address.', { accountId }),
  'user.email.verified': info('A person proved that an address is theirs.', { accountId }),
  'user.password.removed': notice('An operator took the password of an account away.', { accountId }),
  'user.password.upgraded': info('At a sign-in the password was hashed anew, with the present parameters.', {
    accountId,
  }),
  'password.reset.requested': notice('Somebody asked for a new password to a name.', {
    accountId: accountId.optional(),
    result,
  }),
  'password.reset.started': notice('A link by which a person sets a new password went out.', { accountId }),
  'password.change.demanded': notice('At a sign-in a new password was demanded before anything else.', {
    accountId,
  }),
  'password.changed': notice('A person has another password.', {
    accountId,
    how: z.enum(['reset', 'change']),
  }),
  'signup.requested': info('Somebody asked for an account.', {
    signUpId: id('The request for the account.'),
    result,
  }),
  'signup.confirmed': notice('An account was made by its person, who has proved the address.', { accountId }),
  'invitation.created': notice('Somebody was invited to have an account.', {
    invitationId: id('The invitation.'),
    clientId: clientId.optional(),
    roles: z.array(text('editor')),
  }),
  'invitation.revoked': notice('An invitation was taken back.', { invitationId: id('The invitation.') }),
  'invitation.accepted': notice('An invitation became an account.', {
    invitationId: id('The invitation.'),
    accountId,
  }),
  'terms.accepted': info('A person accepted the terms of the service.', {
    accountId,
    version: text('2026-01'),
  }),
  'account.refused': notice('A request to the account API was refused.', {
    reason: reason('insufficient_scope'),
    route: text('GET /api/account/v1/profile'),
  }),
};
