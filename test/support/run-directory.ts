import { join } from 'node:path';

/** Variable by which the workers of a test run learn of its folder. Not `GATEHOUSE_*`, for the server would refuse it. */
export const runDirectoryVariable = 'TEST_RUN_DIRECTORY';

/** The one folder under which everything of this run lies; keeper.ts removes it when the run is over, however it ends. */
export function runDirectory(): string {
  const directory = process.env[runDirectoryVariable];
  if (directory === undefined) {
    throw new Error(
      `${runDirectoryVariable} is not set: tests run by "npm test", whose Jest has test/support/global-setup.ts.`,
    );
  }
  return directory;
}

/** Where things stand in the folder of a run. */
export const places = {
  /** Temporary folders; TMPDIR of the whole run. */
  temporary: (run: string) => join(run, 'tmp'),
  /** One file for each living child process, named by its id. */
  processes: (run: string) => join(run, 'processes'),
  /** One folder for each port that somebody in this run was given. */
  ports: (run: string) => join(run, 'ports'),
  postgres: (run: string) => join(run, 'postgres'),
  /** Written when PostgreSQL takes connections. */
  postgresReady: (run: string) => join(run, 'postgres-ready.json'),
  /** Written when it could not be started, with what it said. */
  postgresFailed: (run: string) => join(run, 'postgres-failed.txt'),
};
