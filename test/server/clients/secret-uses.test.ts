import { describe, expect, it } from '@jest/globals';
import { makeSecretUses, type SecretUse } from '../../../server/clients/secrets/secret-uses.ts';
import { someTime } from '../../contracts/builders.ts';

function aProcess() {
  const written: SecretUse[][] = [];
  let now = someTime.getTime();
  let broken = false;
  const uses = makeSecretUses({
    clock: { now: () => new Date(now) },
    async noteUses(given) {
      if (broken) throw new Error('no database');
      written.push([...given]);
    },
  });
  return {
    uses,
    written,
    pass: (seconds: number) => {
      now += seconds * 1000;
      return new Date(now);
    },
    breakDatabase: (is: boolean) => {
      broken = is;
    },
  };
}

describe('the uses of secrets', () => {
  it('are written together, and nothing is written when there were none', async () => {
    const { uses, written } = aProcess();
    await uses.write();
    uses.note('a');
    uses.note('b');
    uses.note('a');
    await uses.write();
    expect(written).toEqual([
      [
        { secretId: 'a', at: someTime },
        { secretId: 'b', at: someTime },
      ],
    ]);
    await uses.write();
    expect(written).toHaveLength(1);
  });

  it('are written once a minute while a secret is used all the time', async () => {
    const { uses, written, pass } = aProcess();
    for (let second = 0; second < 180; second += 1) {
      uses.note('a');
      await uses.write();
      pass(1);
    }
    expect(written).toHaveLength(3);
  });

  it('are not lost at the end of the process', async () => {
    const { uses, written, pass } = aProcess();
    uses.note('a');
    await uses.write();
    const last = pass(5);
    uses.note('a');
    await uses.write();
    await uses.write(true);
    expect(written.at(-1)).toEqual([{ secretId: 'a', at: last }]);
  });

  it('wait for a database that is away', async () => {
    const { uses, written, breakDatabase } = aProcess();
    uses.note('a');
    breakDatabase(true);
    await expect(uses.write()).rejects.toThrow('no database');
    breakDatabase(false);
    await uses.write();
    expect(written).toEqual([[{ secretId: 'a', at: someTime }]]);
  });
});
