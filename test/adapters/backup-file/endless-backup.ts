/** A backup that never ends by itself, into the file given; says so when it has begun, and why it has ended. */
import { randomBytes } from 'node:crypto';
import { beginBackup } from '../../../adapters/backup-file/draft.ts';
import type { Contents } from '../../../server/backup/contents.ts';
import { aDescription } from './builders.ts';

const [, , path = ''] = process.argv;
const contents: Contents = {
  layout: aDescription.layout,
  async *batches() {
    for (;;) yield { table: 'account', rows: [JSON.stringify([randomBytes(60_000).toString('base64')])] };
  },
};
const draft = await beginBackup(path);
let begun = false;
try {
  await draft.put(aDescription, contents, () => {
    if (!begun) console.log('begun');
    begun = true;
  });
} catch (error) {
  console.log(error instanceof Error ? error.message : String(error));
  await draft.discard();
}
