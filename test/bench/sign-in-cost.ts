import { randomBytes } from 'node:crypto';
import { hash, verify } from '@node-rs/argon2';
import { addAccount, registerApp } from '../flows/protocol/app.ts';
import { startGatehouse } from '../support/gatehouse.ts';
import { makePerson } from '../support/person.ts';
import { table } from './document.ts';
import { cpuOf } from './measure.ts';

export interface SignInCost {
  /** Milliseconds of the server's CPU for the form with the password, all included. */
  form: number;
  /** Of the one hash in it. */
  hash: number;
}

/** What a sign-in costs beyond the hash, which is to be dear. */
export async function measureSignIn(count: number): Promise<SignInCost> {
  const server = await startGatehouse({ database: 'postgres', env: { GATEHOUSE_LOG_LEVEL: 'warn' } });
  try {
    const app = await registerApp(server, { skip_consent: true });
    const who = await addAccount(server, 'measured@example.org');
    const people = async () => {
      const all = [];
      for (let number = 0; number < count; number += 1) {
        const person = makePerson(server.issuer);
        await person.visit(app.begin().url);
        all.push(person);
      }
      return all;
    };
    let form = 0;
    for (const isWarm of [false, true]) {
      const waiting = await people();
      const before = cpuOf(server.pid);
      for (const person of waiting) await person.submit({ ...words(who) });
      if (isWarm) form = (cpuOf(server.pid) - before) / count;
    }
    return { form, hash: await cpuOfHash(count) };
  } finally {
    await server.dispose();
  }
}

const words = ({ username, password }: { username: string; password: string }) => ({ username, password });

async function cpuOfHash(count: number): Promise<number> {
  const mac = randomBytes(32).toString('base64url');
  const stored = await hash(mac, { memoryCost: 19_456, timeCost: 2, parallelism: 1 });
  await verify(stored, mac);
  const before = cpuOf(process.pid);
  for (let number = 0; number < count; number += 1) await verify(stored, mac);
  return (cpuOf(process.pid) - before) / count;
}

/** The figures as a table. */
export function describeSignIn({ form, hash: hashing }: SignInCost): string {
  return table(
    ['CPU of the server for one sign-in, from the form to the app', 'bar', 'measured'],
    [
      ['all of it', 'none', `${form.toFixed(2)} ms`],
      ['the hash', 'none', `${hashing.toFixed(2)} ms`],
      ['beyond the hash', '8 ms', `${(form - hashing).toFixed(2)} ms`],
    ],
  );
}
