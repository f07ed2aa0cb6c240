import { createHash } from 'node:crypto';
import type { Actor } from '../audit/event.ts';
import { shortestChosenPassword, shortestOperatorPassword } from '../authn/password-rules.ts';
import type { FieldFault } from '../errors.ts';
import type { MailQueue } from '../outbox/mail-queue.ts';
import { type Account, foldLoginName } from './account.ts';
import { faultOf } from './account-input.ts';
import type { AdminLinkStore } from './admin-link-store.ts';
import { type CreateAccountDeps, insertAccount, newAccount } from './create-account.ts';
import { faultInEmailAddress } from './login-name-rules.ts';
import { adminRole } from './role-names.ts';

export interface FirstAdminDeps extends Omit<CreateAccountDeps, 'roles' | 'initialPasswords'> {
  links: AdminLinkStore;
  mails: MailQueue;
  /** The configured issuer: links in mail never begin with what a request says. */
  issuer: string;
}

export interface ClaimInput {
  token: string;
  email: string;
  password: string;
  by: Actor;
}

export type ClaimOutcome =
  | { kind: 'created'; accountId: string }
  | { kind: 'link_invalid' }
  | { kind: 'refused'; fields: FieldFault[] };

export type BootstrapOutcome =
  | { kind: 'created'; accountId: string }
  | { kind: 'exists' }
  | { kind: 'refused'; fields: FieldFault[] };

/** Minutes that the link works. */
export const adminLinkMinutes = 15;

const system: Actor = { kind: 'system' };
const emailTaken = { field: 'email', message: 'Another account has this address.' };

/** Undoes the use of the link when the account cannot be written. */
class ClaimUndone extends Error {
  readonly outcome: ClaimOutcome;

  constructor(outcome: ClaimOutcome) {
    super('claim undone');
    this.outcome = outcome;
  }
}

/** The ways in which a new installation gets its first administrator; all closed while an active one exists. */
export function makeFirstAdmin(deps: FirstAdminDeps) {
  const adminExists = () => deps.accounts.anyWithRole(adminRole);

  return {
    /** A fresh link's token (256 bit), which ends all earlier ones; nothing when there is an administrator. */
    async issueLink(): Promise<{ token: string } | undefined> {
      if (await adminExists()) return undefined;
      const token = deps.ids.secret();
      const expiresAt = new Date(deps.clock.now().getTime() + adminLinkMinutes * 60_000);
      await deps.links.replace(hashToken(token), expiresAt);
      return { token };
    },

    /** Whether the link still works; does not use it up. */
    async peek(token: string): Promise<boolean> {
      return (await deps.links.isLive(hashToken(token), deps.clock.now())) && !(await adminExists());
    },

    /**
     * Makes the first administrator and uses the link up, as one. Bad fields leave the link as it is.
     *
     * @throws AppError overloaded when too many passwords are being hashed.
     */
    async claim({ token, email, password, by }: ClaimInput): Promise<ClaimOutcome> {
      const tokenHash = hashToken(token);
      // Only who has the link learns what else is wrong, and costs a hash.
      if (!(await deps.links.isLive(tokenHash, deps.clock.now()))) return { kind: 'link_invalid' };
      const fields = await findFaults(deps, email, password, shortestChosenPassword);
      if (fields.length > 0) return { kind: 'refused', fields };
      const stored = await deps.hasher.hash(password);
      const account = newAdmin(deps, email);
      return undoable(() =>
        deps.inTransaction(async () => {
          if (!(await deps.links.consume(tokenHash, deps.clock.now()))) return { kind: 'link_invalid' };
          if (await adminExists()) return { kind: 'link_invalid' };
          const written = await insertAccount(deps, account, { password: stored }, by);
          if (written.kind === 'login_name_taken') {
            throw new ClaimUndone({ kind: 'refused', fields: [emailTaken] });
          }
          if (written.kind === 'refused') throw new ClaimUndone(written);
          await deps.audit.append({ type: 'admin.bootstrapped', accountId: account.id, how: 'link' }, by);
          await welcome(deps, account.id, email);
          return { kind: 'created', accountId: account.id };
        }),
      );
    },

    /** For the settings BOOTSTRAP_ADMIN_*: does nothing when an administrator or an account of that name exists. */
    async bootstrap({ email, password }: { email: string; password: string }): Promise<BootstrapOutcome> {
      if (await adminExists()) return { kind: 'exists' };
      const fields = await findFaults(deps, email, password, shortestOperatorPassword);
      if (fields.length > 0) return { kind: 'refused', fields };
      if ((await deps.accounts.findByLoginName(foldLoginName(email))) !== undefined)
        return { kind: 'exists' };
      const stored = await deps.hasher.hash(password);
      const account = newAdmin(deps, email);
      return deps.inTransaction(async () => {
        const written = await insertAccount(deps, account, { password: stored }, system);
        if (written.kind === 'login_name_taken') return { kind: 'exists' };
        if (written.kind === 'refused') return written;
        await deps.audit.append(
          { type: 'admin.bootstrapped', accountId: account.id, how: 'setting' },
          system,
        );
        return { kind: 'created', accountId: account.id };
      });
    },
  };
}

export type FirstAdmin = ReturnType<typeof makeFirstAdmin>;

/** SHA-256 is enough for 256 random bits. */
function hashToken(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}

async function findFaults(
  { findPasswordFault }: FirstAdminDeps,
  email: string,
  password: string,
  shortest: number,
): Promise<FieldFault[]> {
  return [
    ...faultOf('email', faultInEmailAddress(email)),
    ...faultOf('password', await findPasswordFault(password, { shortest, about: [email] })),
  ];
}

/** Who can start the server or read its output owns the installation: the address needs no further proof. */
function newAdmin(deps: FirstAdminDeps, email: string): Account {
  return newAccount(deps, {
    email,
    emailVerified: true,
    username: null,
    profile: {},
    roles: [adminRole],
    status: 'active',
  });
}

async function undoable(work: () => Promise<ClaimOutcome>): Promise<ClaimOutcome> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof ClaimUndone) return error.outcome;
    throw error;
  }
}

async function welcome({ mails, issuer }: FirstAdminDeps, accountId: string, email: string): Promise<void> {
  const params = { address: email, link: `${issuer}/account` };
  await mails.enqueue({ to: email, accountId, message: { kind: 'admin_welcome', params } });
}
