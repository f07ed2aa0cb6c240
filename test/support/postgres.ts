import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { type ClusterUrls, query } from './postgres-cluster.ts';
import { places, runDirectory } from './run-directory.ts';
import { waitFor } from './wait-for.ts';

export interface TestDatabase {
  /** As a role that owns this database and may nothing else in the cluster. */
  url: string;
  /** The same database as a superuser, for tests that look behind the server's back. */
  superuserUrl: string;
  /** Also ends every connection that is still open to it. */
  drop(): Promise<void>;
}

/** A new, empty database in the PostgreSQL of this test run. */
export async function createDatabase(): Promise<TestDatabase> {
  const urls = await clusterUrls();
  const name = `test_${randomBytes(8).toString('hex')}`;
  await query(urls.superuser, `create database ${name} owner gatehouse template template0`);
  return {
    url: withDatabase(urls.owner, name),
    superuserUrl: withDatabase(urls.superuser, name),
    drop: () => query(urls.superuser, `drop database if exists ${name} with (force)`),
  };
}

function clusterUrls(): Promise<ClusterUrls> {
  const run = runDirectory();
  return waitFor<ClusterUrls | undefined>(
    'the PostgreSQL of this run was started',
    () => {
      if (existsSync(places.postgresReady(run)))
        return JSON.parse(readFileSync(places.postgresReady(run), 'utf8'));
      if (existsSync(places.postgresFailed(run)))
        throw new Error(readFileSync(places.postgresFailed(run), 'utf8'));
      return undefined;
    },
    { within: 60_000 },
  );
}

function withDatabase(url: string, name: string): string {
  return Object.assign(new URL(url), { pathname: `/${name}` }).href;
}
