import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { freePort } from '../support/free-port.ts';
import { cleanEnvironment } from '../support/gatehouse.ts';
import type { Measured } from './flows.ts';

export interface BareEngine extends Measured {
  pid: number;
  stop(): void;
}

/** Starts the engine alone, with a client like this one; `env` as for profiles. */
export async function startBareEngine(
  client: { clientId: string; clientSecret: string; redirectUri: string },
  env: Record<string, string> = {},
): Promise<BareEngine> {
  const port = await freePort();
  const child = spawn(process.execPath, [fileURLToPath(new URL('./bare-engine.ts', import.meta.url))], {
    env: cleanEnvironment({
      ...env,
      PORT: String(port),
      CLIENT_ID: client.clientId,
      CLIENT_SECRET: client.clientSecret,
      REDIRECT_URI: client.redirectUri,
    }),
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  await new Promise<void>((resolve, reject) => {
    child.stdout.once('data', () => resolve());
    child.once('exit', (code) => reject(new Error(`the bare engine ended with code ${code}`)));
  });
  const base = `http://localhost:${port}`;
  return {
    ...client,
    base,
    pid: child.pid ?? 0,
    codes: async (count) =>
      (await fetch(`${base}/codes?count=${count}`)).json() as ReturnType<Measured['codes']>,
    stop: () => void child.kill('SIGKILL'),
  };
}
