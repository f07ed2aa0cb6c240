import type { Statement } from '../support/frontend-messages.ts';
import { makePerson, type Person } from '../support/person.ts';
import type { StatementTap } from '../support/statement-tap.ts';

/** One request, or one thing that the server does by itself, and what it asked of the database. */
export interface Step {
  /** `sign-in: POST /interaction/:uid/login` */
  name: string;
  statements: Statement[];
}

export interface Recorder {
  /** Everything that `work` causes, as steps; what people's browsers send in between is a step for each request. */
  flow<T>(name: string, work: () => Promise<T>): Promise<T>;
  /** A browser whose requests are steps of the running flow. */
  person(issuer: string): Person;
  steps(): readonly Step[];
}

/**
 * What no request asks for: looks at the marks (server/changes), the chaining of the audit log, what is noted of refusals on its
 * own time, looks for jobs, and sessions that the pool opens.
 */
const background = [
  'from change_mark',
  'audit_head',
  'into client_error ',
  'from bulk_job where finished_at is null',
  'into lease',
  'pg_is_in_recovery()',
  'set synchronous_commit',
  'listen ',
];
const isBackground = ({ text }: Statement): boolean => background.some((part) => text.includes(part));

/** Cuts what passes the tap into steps. One flow at a time. */
export function makeRecorder(tap: StatementTap): Recorder {
  const steps: Step[] = [];
  let flow = '';
  let name: string | undefined;
  let began = 0;

  function end(): void {
    const statements = tap
      .statements()
      .slice(began)
      .filter((statement) => !isBackground(statement));
    began = tap.statements().length;
    if (name === undefined) return;
    steps.push({ name, statements });
    name = undefined;
  }

  return {
    async flow(title, work) {
      end();
      [flow, name] = [title, title];
      try {
        return await work();
      } finally {
        end();
      }
    },
    person: (issuer) =>
      makePerson(issuer, {
        onRequest(method, { pathname }) {
          // What comes before the first request of a flow has no statement: the flow's own step is that request.
          if (name === flow) name = undefined;
          end();
          name = `${flow}: ${method} ${patternOf(pathname)}`;
        },
      }),
    steps: () => steps,
  };
}

/** Ids of interactions are in the paths. */
const patternOf = (path: string): string =>
  path.replace(/^\/(interaction|device|oauth2\/authorize)\/[\w-]{20,}/, '/$1/:uid');
