/** One process of several that start at once: migrates the database at the URL given and says which migrations it applied. */
import { openDatabase } from '../../adapters/postgres/connection/database.ts';
import { makeMigrator } from '../../adapters/postgres/connection/migrate.ts';

const [, , url = ''] = process.argv;
const database = openDatabase({
  where: { kind: 'url', url },
  poolMax: 2,
  acquireTimeout: 30_000,
  connectTimeout: 30_000,
  statementTimeout: 5000,
});
const applied = await makeMigrator(database, new URL('../../migrations/', import.meta.url)).up();
console.log(JSON.stringify(applied));
await database.close();
