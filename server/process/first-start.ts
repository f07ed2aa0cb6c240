import type { House } from '../compose/house.ts';
import type { Storage } from '../compose/storage.ts';
import type { Config } from '../config/schema.ts';
import { snapshotOf } from '../config/snapshot.ts';
import { StartError } from '../errors.ts';
import type { Log } from '../log.ts';

/**
 * Brings the database to what this program needs: schema, keys, built-in clients, bootstrap administrator and client. Safe to
 * run by several processes at once. Returns the one-time link while there is no administrator.
 */
export async function prepare(
  config: Config,
  storage: Storage,
  house: House,
  log: Log,
): Promise<{ adminLink: string | undefined }> {
  // A schema of the future and a wrong encryption key are noticed before anything is written.
  if ((await storage.migrator.version()) > 0) await house.signingKeys.load();
  const applied = await storage.migrator.up();
  if (applied.length > 0) log.info('schema migrated', { migrations: applied });
  for (const advice of await storage.advice()) log.warn('the database could be set better', { advice });
  await house.fillUsernameSkeletons();
  await house.noteStart({ ...snapshotOf(config), by: { kind: 'system' } });
  await house.loadSigningKeys();
  await house.ensureBuiltInClients(config.site.issuer);
  await bootstrapAdmin(config, house, log);
  await bootstrapClient(config, house, log);
  const link = await house.firstAdmin.issueLink();
  return { adminLink: link && `${config.site.issuer}/first-admin?token=${link.token}` };
}

async function bootstrapAdmin({ bootstrap }: Config, house: House, log: Log): Promise<void> {
  const { adminEmail, adminPassword } = bootstrap;
  if (adminEmail === undefined || adminPassword === undefined) return;
  const outcome = await house.firstAdmin.bootstrap({ email: adminEmail, password: adminPassword });
  switch (outcome.kind) {
    case 'created':
      return log.info('first administrator made', { accountId: outcome.accountId });
    case 'exists':
      return undefined;
    case 'refused':
      throw refused('GATEHOUSE_BOOTSTRAP_ADMIN_*', outcome.fields);
    default:
      return outcome satisfies never;
  }
}

async function bootstrapClient({ bootstrap }: Config, house: House, log: Log): Promise<void> {
  const { clientId, clientSecret } = bootstrap;
  if (clientId === undefined || clientSecret === undefined) return;
  const outcome = await house.bootstrapClient({ id: clientId, secret: clientSecret });
  if (outcome.kind === 'created') log.info('bootstrap client made', { clientId });
}

function refused(setting: string, fields: readonly { field: string; message: string }[]): StartError {
  const why = fields.map(({ field, message }) => `${field}: ${message}`).join('; ');
  return new StartError(`The first administrator cannot be made: ${why}`, `Change ${setting}.`, 78);
}
