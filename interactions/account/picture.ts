import type Router from '@koa/router';
import { z } from 'zod';
import type { ChangePicture } from '../../server/accounts/picture/change-picture.ts';
import { mostPictureBytes, type PictureFault } from '../../server/accounts/picture/picture.ts';
import { AppError } from '../../server/errors.ts';
import type { RequestState, RoutedContext } from '../../server/http/context.ts';
import type { Csrf } from '../../server/http/csrf.ts';
import { actorOf, basePathOf } from '../../server/http/page-context.ts';
import type { Render } from '../../server/http/render.ts';
import type { MessageKey } from '../../server/http/words.ts';
import { accountLinks } from './pages.ts';
import type { SignedIn, SignedInOnly } from './signed-in.ts';

export interface PicturePageDeps {
  issuer: string;
  render: Render;
  csrf: Csrf;
  changePicture: ChangePicture;
}

const path = '/account/picture';
/** The form has little beside the file. */
const mostFormBytes = mostPictureBytes + 16 * 1024;

const faults: Record<PictureFault, MessageKey> = {
  type: 'picture.fault.type',
  large: 'picture.fault.large',
  broken: 'picture.fault.broken',
};

interface Said {
  notice?: MessageKey;
  fault?: MessageKey;
  status?: number;
}

/** `/account/picture`: the one form with a file, which browsers send as multipart/form-data only (http/multipart.ts reads it). */
export function addPicturePage(
  router: Router<RequestState, object>,
  { signedIn }: SignedInOnly,
  deps: PicturePageDeps,
): void {
  router.get(
    path,
    signedIn((ctx, person) => show(deps, ctx, person, {})),
  );
  router.post(
    path,
    signedIn(async (ctx, person) => {
      const said = ctx.is('multipart/form-data')
        ? await upload(deps, ctx, person)
        : await remove(deps, ctx, person);
      const [account, answer] = said;
      show(deps, ctx, { ...person, account }, answer);
    }),
  );
}

async function upload(
  deps: PicturePageDeps,
  ctx: RoutedContext,
  { account, formPurpose }: SignedIn,
): Promise<[SignedIn['account'], Said]> {
  const file = (await deps.csrf.readUpload(ctx, formPurpose, mostFormBytes)).get('picture');
  if (file === undefined || file.length === 0) return [account, { fault: 'picture.fault.none', status: 422 }];
  if (file.length > mostPictureBytes) return [account, { fault: 'picture.fault.large', status: 422 }];
  const by = actorOf(ctx, account.id);
  const outcome = await deps.changePicture.upload({ accountId: account.id, file, by });
  if (outcome.kind === 'missing') throw new AppError('forbidden', { detail: 'the account is gone' });
  return outcome.kind === 'changed'
    ? [outcome.account, { notice: 'picture.saved' }]
    : [account, { fault: faults[outcome.fault], status: 422 }];
}

async function remove(
  deps: PicturePageDeps,
  ctx: RoutedContext,
  { account, formPurpose }: SignedIn,
): Promise<[SignedIn['account'], Said]> {
  await deps.csrf.readForm(ctx, formPurpose, z.object({}));
  await deps.changePicture.remove({ accountId: account.id, by: actorOf(ctx, account.id) });
  const { picture: _, ...profile } = account.profile;
  return [{ ...account, profile }, { notice: 'picture.removed' }];
}

function show(
  { issuer, render, csrf }: PicturePageDeps,
  ctx: RoutedContext,
  { account, formPurpose }: SignedIn,
  { notice, fault, status = 200 }: Said,
): void {
  const basePath = basePathOf(issuer);
  const { picture } = account.profile;
  // One that an operator has pointed to elsewhere is not fetched by this page.
  const isOurs = picture?.startsWith(`${issuer}/pictures/`) === true;
  const model = {
    pages: accountLinks(basePath, path),
    form: { action: `${basePath}${path}`, csrf: csrf.token(ctx, formPurpose) },
    notice: notice ?? null,
    fault: fault ?? null,
    picture: isOurs ? picture : null,
    hasPicture: picture !== undefined,
  };
  render(ctx, 'account-picture', model, status);
}
