import type { Actor, AuditLog } from '../../audit/event.ts';
import type { Clock } from '../../clock.ts';
import type { Ids } from '../../ids.ts';
import type { InTransaction } from '../../transaction.ts';
import type { Account } from '../account.ts';
import type { AccountStore } from '../store.ts';
import { type PictureFault, type PictureStore, pictureUrl, type ReadPicture } from './picture.ts';

export interface ChangePictureDeps {
  accounts: Pick<AccountStore, 'find' | 'update'>;
  pictures: PictureStore;
  readPicture: ReadPicture;
  audit: AuditLog;
  inTransaction: InTransaction;
  clock: Clock;
  ids: Ids;
  issuer: string;
}

export type ChangePictureOutcome =
  | { kind: 'changed'; account: Account; url: string }
  | { kind: 'refused'; fault: PictureFault }
  | { kind: 'missing' };

/** Other changes of the account that come in between. */
const mostTries = 5;

/** A person's picture: uploaded, so that nobody's page fetches from elsewhere because of it. */
export function makeChangePicture(deps: ChangePictureDeps) {
  const point = async (
    accountId: string,
    picture: string | undefined,
  ): Promise<Account | 'missing' | 'stale'> => {
    const before = await deps.accounts.find(accountId);
    if (before?.status !== 'active') return 'missing';
    const { picture: _, ...profile } = before.profile;
    const after: Account = {
      ...before,
      profile: picture === undefined ? profile : { ...profile, picture },
      updatedAt: deps.clock.now(),
      version: before.version + 1,
    };
    const written = await deps.accounts.update(after, before.version);
    if (written.kind === 'missing') return 'missing';
    return written.kind === 'written' ? after : 'stale';
  };
  const repeat = async (work: () => Promise<Account | 'missing' | 'stale'>): Promise<Account | undefined> => {
    for (let attempt = 1; attempt <= mostTries; attempt += 1) {
      const outcome = await deps.inTransaction(work);
      if (outcome !== 'stale') return outcome === 'missing' ? undefined : outcome;
    }
    throw new Error('the account was changed each time that its picture was to be');
  };

  return {
    /** @throws AppError overloaded when too many pictures are being read. */
    async upload(input: { accountId: string; file: Buffer; by: Actor }): Promise<ChangePictureOutcome> {
      const { accountId, file, by } = input;
      const read = await deps.readPicture(file);
      if (read.kind === 'refused') return read;
      const name = deps.ids.secret();
      const url = pictureUrl(deps.issuer, name);
      const account = await repeat(async () => {
        const pointed = await point(accountId, url);
        if (typeof pointed === 'string') return pointed;
        await deps.pictures.save(accountId, { name, image: read.webp, uploadedAt: deps.clock.now() });
        await deps.audit.append({ type: 'picture.changed', accountId }, by);
        return pointed;
      });
      return account === undefined ? { kind: 'missing' } : { kind: 'changed', account, url };
    },

    /** Also one that an operator has pointed to elsewhere. */
    async remove({
      accountId,
      by,
    }: {
      accountId: string;
      by: Actor;
    }): Promise<{ kind: 'removed' | 'missing' }> {
      const account = await repeat(async () => {
        const pointed = await point(accountId, undefined);
        if (typeof pointed === 'string') return pointed;
        await deps.pictures.remove(accountId);
        await deps.audit.append({ type: 'picture.removed', accountId }, by);
        return pointed;
      });
      return { kind: account === undefined ? 'missing' : 'removed' };
    },
  };
}

export type ChangePicture = ReturnType<typeof makeChangePicture>;
