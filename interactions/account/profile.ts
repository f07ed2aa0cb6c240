import type Router from '@koa/router';
import { z } from 'zod';
import type { Account } from '../../server/accounts/account.ts';
import type { PresentAttributes } from '../../server/accounts/attributes/definition.ts';
import type { ChangeProfile } from '../../server/accounts/profile/change-profile.ts';
import { ownProfileClaims } from '../../server/accounts/profile/claim-schemas.ts';
import { AppError } from '../../server/errors.ts';
import type { RequestState, RoutedContext } from '../../server/http/context.ts';
import type { Csrf } from '../../server/http/csrf.ts';
import { actorOf, basePathOf } from '../../server/http/page-context.ts';
import type { Render } from '../../server/http/render.ts';
import type { MessageKey } from '../../server/http/words.ts';
import { accountLinks } from './pages.ts';
import { faultsOf, type ProfileTexts, patchOf, showGroups, textsOf } from './profile-form.ts';
import type { SignedIn, SignedInOnly } from './signed-in.ts';

export interface ProfilePageDeps {
  issuer: string;
  render: Render;
  csrf: Csrf;
  changeProfile: ChangeProfile;
  presentAttributes: PresentAttributes;
  /** Whether people may change the name that they sign in with. */
  usernameChange: boolean;
}

const path = '/account/profile';

const profileForm = z.looseObject({ version: z.coerce.number().int().nonnegative() });
const profilePatch = z.strictObject({
  ...ownProfileClaims,
  preferred_username: z.string().max(254).nullable().optional(),
});

/** What the form came to. */
interface Said {
  notice?: MessageKey;
  typed?: ProfileTexts;
  faults?: Record<string, string>;
  /** The stored profile is another one than the person saw. */
  isConflict?: boolean;
  status?: number;
}

/** `/account/profile`: who somebody is here, to be seen and changed. */
export function addProfilePage(
  router: Router<RequestState, object>,
  { signedIn }: SignedInOnly,
  deps: ProfilePageDeps,
): void {
  router.get(
    path,
    signedIn((ctx, person) => show(deps, ctx, person, {})),
  );
  router.post(
    path,
    signedIn(async (ctx, person) => {
      const { version, ...fields } = await deps.csrf.readForm(ctx, person.formPurpose, profileForm);
      const typed = Object.fromEntries(
        Object.entries(fields).filter((field): field is [string, string] => typeof field[1] === 'string'),
      );
      await save(deps, ctx, person, { version, typed });
    }),
  );
}

async function save(
  deps: ProfilePageDeps,
  ctx: RoutedContext,
  person: SignedIn,
  { version, typed }: { version: number; typed: ProfileTexts },
): Promise<void> {
  const { account } = person;
  if (account.version !== version)
    return show(deps, ctx, person, { notice: 'profile.conflict', typed, isConflict: true, status: 409 });
  const definitions = await deps.presentAttributes();
  const parsed = profilePatch.safeParse(patchOf(textsOf(account, definitions), typed, definitions));
  if (!parsed.success) {
    const faults = faultsOf(parsed.error);
    return show(deps, ctx, person, { notice: 'profile.faults', typed, faults, status: 422 });
  }
  const { preferred_username: username, ...changes } = parsed.data;
  const input = { accountId: account.id, changes, username, expectedVersion: version };
  const outcome = await deps.changeProfile({ ...input, by: actorOf(ctx, account.id) });
  switch (outcome.kind) {
    case 'changed':
      return show(deps, ctx, { ...person, account: outcome.account }, { notice: 'profile.saved' });
    case 'stale': {
      const said: Said = { notice: 'profile.conflict', typed, isConflict: true, status: 409 };
      return show(deps, ctx, { ...person, account: outcome.account }, said);
    }
    case 'refused': {
      const faults = Object.fromEntries(outcome.fields.map(({ field, message }) => [field, message]));
      return show(deps, ctx, person, { notice: 'profile.faults', typed, faults, status: 422 });
    }
    case 'missing':
      throw new AppError('forbidden', { detail: 'the account is gone' });
    default:
      return outcome satisfies never;
  }
}

async function show(
  { issuer, render, csrf, usernameChange, presentAttributes }: ProfilePageDeps,
  ctx: RoutedContext,
  { account, formPurpose }: SignedIn,
  { notice, typed, faults = {}, isConflict = false, status = 200 }: Said,
): Promise<void> {
  const definitions = await presentAttributes();
  const basePath = basePathOf(issuer);
  const stored = textsOf(account, definitions);
  const options = { usernameChange, definitions, present: stored, stored: isConflict ? stored : undefined };
  const model = {
    pages: accountLinks(basePath, path),
    form: { action: `${basePath}${path}`, csrf: csrf.token(ctx, formPurpose) },
    version: String(account.version),
    notice: notice ?? null,
    isRefusal: status !== 200,
    ...whoIs(account),
    addresses: `${basePath}/account/email`,
    groups: showGroups(typed ?? stored, faults, options),
  };
  render(ctx, 'account-profile', model, status);
}

const whoIs = ({ email, emailVerified, username }: Account) => ({ email, emailVerified, username });
