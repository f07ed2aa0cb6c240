import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { freePort } from '../support/free-port.ts';
import { cleanEnvironment, startGatehouse } from '../support/gatehouse.ts';
import { cpuOf, fire, median, type Shot } from './measure.ts';

export interface TokenCost {
  /** Milliseconds of CPU per request. */
  bare: number;
  gatehouse: number;
  /** Median of the ratios of the rounds, and their spread. */
  ratio: number;
  lowest: number;
  highest: number;
}

const rounds = 9;
const perRound = 1500;

/** Client credentials, JWT ES256: our server on PostgreSQL beside the bare engine in memory, round by round in turn. */
export async function measureTokenCost(): Promise<TokenCost> {
  const server = await startGatehouse({ database: 'postgres', env: { GATEHOUSE_LOG_LEVEL: 'info' } });
  const bare = await startBareEngine(server.bootstrap);
  try {
    const resource = `${server.issuer}/api/admin`;
    const ours = shotAt(`${server.issuer}/oauth2/token`, resource, server.bootstrap);
    const theirs = shotAt(`${bare.issuer}/token`, resource, server.bootstrap);
    await fire(ours, perRound);
    await fire(theirs, perRound);
    const samples: { ours: number; theirs: number }[] = [];
    for (let round = 0; round < rounds; round += 1) {
      samples.push({ ours: await costOf(server.pid, ours), theirs: await costOf(bare.pid, theirs) });
    }
    const ratios = samples.map((sample) => sample.ours / sample.theirs);
    return {
      bare: median(samples.map((sample) => sample.theirs)),
      gatehouse: median(samples.map((sample) => sample.ours)),
      ratio: median(ratios),
      lowest: Math.min(...ratios),
      highest: Math.max(...ratios),
    };
  } finally {
    bare.stop();
    await server.dispose();
  }
}

async function costOf(pid: number, shot: Shot): Promise<number> {
  const before = cpuOf(pid);
  await fire(shot, perRound);
  return (cpuOf(pid) - before) / perRound;
}

interface Credentials {
  clientId: string;
  clientSecret: string;
}

function shotAt(url: string, resource: string, { clientId, clientSecret }: Credentials): Shot {
  return {
    url,
    body: new URLSearchParams({ grant_type: 'client_credentials', resource, scope: 'users:read' }).toString(),
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      authorization: `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString('base64')}`,
    },
  };
}

async function startBareEngine({ clientId, clientSecret }: Credentials) {
  const port = await freePort();
  const child = spawn(process.execPath, [fileURLToPath(new URL('./bare-engine.ts', import.meta.url))], {
    env: cleanEnvironment({ PORT: String(port), CLIENT_ID: clientId, CLIENT_SECRET: clientSecret }),
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  await new Promise<void>((resolve, reject) => {
    child.stdout.once('data', () => resolve());
    child.once('exit', (code) => reject(new Error(`the bare engine ended with code ${code}`)));
  });
  return { issuer: `http://localhost:${port}`, pid: child.pid ?? 0, stop: () => void child.kill('SIGKILL') };
}
