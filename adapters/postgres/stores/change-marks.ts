import type { ChangeMarks } from '../../../server/changes/feed.ts';
import type { Connector } from '../connection/connect.ts';
import type { Session } from '../connection/session.ts';

export interface ChangeMarksOptions {
  connector: Pick<Connector, 'open'>;
  /** Whether notices reach this session: not through the socket of the embedded database, nor through a pooler. */
  listen: boolean;
}

/** Milliseconds after which a session that does not answer is given up. */
const patience = 2000;

/**
 * The marks of the database, read on a session of its own: that of a pool could be in use by a request for long when it is
 * needed, and nobody can listen there. The session is opened when it is needed, and anew when it was lost.
 */
export function makeChangeMarks({ connector, listen }: ChangeMarksOptions): ChangeMarks {
  let session: Session | undefined;
  let closed = false;
  let tellWord = (): void => {};

  const opened = async (): Promise<Session> => {
    if (session !== undefined && !session.lost) return session;
    const fresh = await connector.open();
    session = fresh;
    if (closed) fresh.cut(new Error('closed'));
    fresh.on('notification', () => tellWord());
    fresh.on('end', () => tellWord());
    if (listen) await fresh.query('listen gatehouse_change');
    return fresh;
  };

  return {
    async read() {
      const reading = await opened();
      const late = setTimeout(() => reading.cut(new Error(`no answer within ${patience} ms`)), patience);
      try {
        const { rows } = await reading.query<{ topic: string; mark: string; is_standby: boolean }>(
          'select topic, mark::text, pg_is_in_recovery() as is_standby from change_mark',
        );
        // A primary that has become a standby is behind the one that changes are made on.
        if (rows.some((row) => row.is_standby)) throw new Error('this server has become a standby');
        return new Map(rows.map(({ topic, mark }) => [topic, mark]));
      } catch (error) {
        reading.cut(error);
        throw error;
      } finally {
        clearTimeout(late);
      }
    },
    onWord(look) {
      tellWord = look;
    },
    async close() {
      closed = true;
      tellWord = () => {};
      session?.cut(new Error('closed'));
    },
  };
}
