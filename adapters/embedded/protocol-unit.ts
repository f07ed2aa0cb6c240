import type { PGlite } from '@electric-sql/pglite';

/** First bytes of the messages that begin or go on with an extended query: Parse, Bind, Describe, Execute, Close, Flush. */
const openers = new Set(['P', 'B', 'D', 'E', 'C', 'H'].map((letter) => letter.charCodeAt(0)));
/** Sync and simple Query end it. */
const enders = new Set(['S', 'Q'].map((letter) => letter.charCodeAt(0)));
/** The message Sync: its letter and its length. */
const sync = new Uint8Array([0x53, 0, 0, 0, 4]);

/**
 * Keeps the messages of one extended query together. All connections of the socket server are one backend session with
 * one unnamed statement and one unnamed portal, and its queue takes single messages: after a transaction, Parse of one
 * waiting connection was followed by Parse of the next, and one caller got the other's rows (tried with pglite-socket
 * 0.2.17). The queue holds back everybody else while `isInTransaction` is true, so it is true until Sync, too.
 */
export function keepQueriesTogether(db: PGlite): void {
  const execute = db.execProtocolRawStream.bind(db);
  const isInTransaction = db.isInTransaction.bind(db);
  const exec = db.exec.bind(db);
  let underWay = false;

  db.execProtocolRawStream = (message, options) => {
    const first = message[0] ?? 0;
    if (openers.has(first)) underWay = true;
    else if (enders.has(first)) underWay = false;
    return execute(message, options);
  };
  db.isInTransaction = () => underWay || isInTransaction();
  // The server calls this, with a rollback, when a connection has died: it must not be skipped as part of a failed query.
  db.exec = async (query) => {
    if (underWay) {
      underWay = false;
      await db.execProtocolRaw(sync);
    }
    return exec(query);
  };
}
