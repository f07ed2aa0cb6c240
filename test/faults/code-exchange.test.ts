import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { readProject } from '../support/architecture/source-file.ts';
import { checkInvariants } from './check.ts';
import { codeExchange, crashPointNames, mayAnswer } from './crash-points.ts';
import { type Crashes, forEachAtOnce, killed, startCrashes } from './crashes.ts';
import { dumpDatabase } from './dump.ts';
import { readHistory } from './history.ts';
import { groupBy, hashOf } from './invariants/evidence.ts';
import { askUserinfo, exchangeCode } from './people-calls.ts';
import { countLost, countOutcomes, isLong, longest, report } from './report.ts';

jest.setTimeout(longest);

const rounds = isLong ? 50 : 1;

describe('crash points', () => {
  it('are in the source once each, and no others are', () => {
    const files = readProject(fileURLToPath(new URL('../..', import.meta.url)));
    const found = files
      .filter(({ path }) => /^(?:server|adapters|interactions)\//.test(path))
      .flatMap(({ text }) => [...text.matchAll(/\/\/ crash point: (.*)/g)].map(([, name = '']) => name));
    expect(found.sort()).toEqual([...crashPointNames].sort());
  });
});

describe('a server that is killed in a code exchange', () => {
  let crashes: Crashes;
  beforeAll(async () => {
    crashes = await startCrashes();
  });
  afterAll(() => crashes.dispose());

  it(`F-01 at ${codeExchange.length} points, ${rounds} times each: the code gives one set of tokens or none, never two`, async () => {
    const points = Array.from({ length: rounds }, () => codeExchange).flat();
    const ends = { redeemed: 0, refused: 0 };
    await forEachAtOnce(points, 2, async (point, index) => {
      const family = `${point.at} ${index}`;
      const dying = await crashes.startDying(point);
      const { way, code } = await crashes.freshCode(family);
      const first = await exchangeCode(dying.calls, 'client', crashes.app, way, code);
      await expect(dying.server.ended).resolves.toBe(killed);
      if (!mayAnswer(point)) expect([family, first.outcome]).toEqual([family, 'unknown']);
      // The client asks again, as it would with any answer that did not come.
      const again = await exchangeCode(crashes.steady, 'client', crashes.app, way, code);
      if (point.kept === 'nothing') expect([family, again.outcome]).toEqual([family, 'ok']);
      if (point.kept === 'all') expect([family, again.outcome]).toEqual([family, 'fail']);
      ends[again.outcome === 'ok' ? 'redeemed' : 'refused'] += 1;
      for (const { facts } of [first, again]) {
        if (facts?.access !== undefined)
          await askUserinfo(crashes.steady, 'client', { family, token: facts.access });
      }
    });
    const { calls } = readHistory(crashes.history.path);
    const dump = await dumpDatabase({ connectionString: crashes.database.superuserUrl });
    const findings = checkInvariants({ calls, dump });
    report({
      row: 'F-01',
      fault: `${points.length} kills -9 in a code exchange, at ${codeExchange.length} points`,
      calls: countOutcomes(calls),
      lost: countLost(findings),
      measured: `the second try brought tokens ${ends.redeemed} times and invalid_grant ${ends.refused} times, never a second set`,
    });
    expect(findings).toEqual([]);
    // A code that is used has all of its tokens or, once it was presented again, none; there is no state in between.
    const byGrant = groupBy(dump.artifacts, ({ grantId }) => grantId);
    const codes = calls.flatMap(({ facts }) => (facts?.code === undefined ? [] : [hashOf(facts.code)]));
    const sets = dump.artifacts
      .filter(({ hash }) => codes.includes(hash))
      .map(({ grantId }) => {
        const models = (byGrant.get(grantId) ?? []).map(({ model }) => model);
        return models.filter((model) => model.endsWith('Token')).sort();
      });
    expect(sets).toEqual(sets.map(() => ['AccessToken', 'RefreshToken']));
    expect(sets).toHaveLength(ends.redeemed);
  });
});
