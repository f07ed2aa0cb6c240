import type { Clock } from '../../clock.ts';
import { type Checkpoint, signCheckpoint } from './checkpoint.ts';
import type { AuditKeys, PublicKey } from './keys.ts';
import { isProven } from './links.ts';
import type { VerificationSource } from './verification-source.ts';

export type CheckpointOutcome =
  | { kind: 'signed'; token: string; checkpoint: Checkpoint; publicKey: PublicKey | undefined }
  /** The end of the chain was changed by somebody without the keys: nothing is vouched for. */
  | { kind: 'broken' };

/** Signs where the chain ends now, to be kept elsewhere. Writes nothing. */
export const makeSignCheckpoint =
  ({ keys, source, clock }: { keys: AuditKeys; source: Pick<VerificationSource, 'state'>; clock: Clock }) =>
  async (): Promise<CheckpointOutcome> => {
    const { head } = await source.state();
    if (!isProven(keys, head)) return { kind: 'broken' };
    const checkpoint = {
      chain: head.chainId,
      sequence: head.sequence,
      hash: head.mac.toString('hex'),
      made_at: clock.now().toISOString(),
      previous: head.checkpointSequence,
    };
    const publicKey = keys.publicKeys().find(({ kid }) => kid === keys.current);
    return { kind: 'signed', token: signCheckpoint(keys, checkpoint), checkpoint, publicKey };
  };

export type SignCheckpoint = ReturnType<typeof makeSignCheckpoint>;
