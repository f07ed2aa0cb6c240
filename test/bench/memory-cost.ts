import { startGatehouse } from '../support/gatehouse.ts';
import { makePerson } from '../support/person.ts';
import { familyOf, residentOf } from './measure.ts';
import { countedWire } from './page-weight.ts';

export interface MemoryUse {
  /** MB resident, all processes of the server, at rest. */
  embedded: number;
  external: number;
  /** Bytes that the sign-in page costs, headers included: page, style sheet, scripts. */
  pageBytes: number;
  pageRequests: number;
}

const signIns = 3000;
const atOnce = 4;

/** Memory at rest after 3,000 sign-ins on the embedded database, and idle on an external one. */
export async function measureMemory(progress: (line: string) => void): Promise<MemoryUse> {
  // Warm: the first start of all has made the database.
  const first = await startGatehouse({ database: 'embedded' });
  const server = await first.startAgain();
  const page = await countedWire(server.issuer);
  let done = 0;
  const worker = async (): Promise<void> => {
    while (done < signIns) {
      done += 1;
      if (done % 500 === 0) progress(`${done} of ${signIns} sign-ins`);
      await signIn(server.issuer, server.bootstrap);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  const embedded = await atRest(server.pid);
  await server.dispose();
  const other = await startGatehouse({ database: 'postgres' });
  const external = await atRest(other.pid);
  await other.dispose();
  return { embedded, external, pageBytes: page.bytes, pageRequests: page.requests };
}

/** The account page's own authorization request, answered by the forms. */
async function signIn(issuer: string, who: { email: string; password: string }): Promise<void> {
  const person = makePerson(issuer);
  const request = new URLSearchParams({
    client_id: 'gatehouse-account',
    response_type: 'code',
    redirect_uri: `${issuer}/account`,
    scope: 'openid profile email',
    code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
    code_challenge_method: 'S256',
  });
  await person.visit(`${issuer}/oauth2/authorize?${request.toString()}`);
  await person.signIn({ username: who.email, password: who.password });
  if (!person.page().url.searchParams.has('code')) throw new Error(`no sign-in: ${person.page().text}`);
}

/** Waits until the processor is quiet, then adds up what all processes hold. */
async function atRest(pid: number): Promise<number> {
  await new Promise((resolve) => setTimeout(resolve, 10_000));
  return familyOf(pid).reduce((sum, each) => sum + residentOf(each), 0);
}
