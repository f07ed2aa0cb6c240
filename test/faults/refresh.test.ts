import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { openAnswer } from '../../server/oidc/refresh-replay.ts';
import { checkInvariants } from './check.ts';
import { mayAnswer, refresh } from './crash-points.ts';
import { type Crashes, forEachAtOnce, killed, startCrashes } from './crashes.ts';
import { dumpDatabase } from './dump.ts';
import { readHistory } from './history.ts';
import { hashOf } from './invariants/evidence.ts';
import { askUserinfo, exchangeCode, refreshTokens } from './people-calls.ts';
import { countLost, countOutcomes, isLong, longest, report } from './report.ts';

jest.setTimeout(longest);

const rounds = isLong ? 50 : 1;

describe('a server that is killed in a refresh', () => {
  let crashes: Crashes;
  beforeAll(async () => {
    crashes = await startCrashes();
  });
  afterAll(() => crashes.dispose());

  async function freshToken(family: string): Promise<string> {
    const { way, code } = await crashes.freshCode(family);
    const { facts } = await exchangeCode(crashes.steady, 'client', crashes.app, way, code);
    return facts?.refresh ?? '';
  }

  /** What the server has kept of the answer that it did not give, opened with the token that was presented. */
  async function keptAnswer(token: string): Promise<string | undefined> {
    const { artifacts } = await dumpDatabase({ connectionString: crashes.database.superuserUrl });
    const answer = artifacts.find(({ hash }) => hash === hashOf(token))?.replayAnswer;
    return answer === null || answer === undefined ? undefined : openAnswer(answer, token);
  }

  it(`F-02 at ${refresh.length} points, ${rounds} times each: the client that asks again gets the answer that was lost, byte for byte`, async () => {
    const points = Array.from({ length: rounds }, () => refresh).flat();
    const answers = { again: 0, fresh: 0, lost: 0 };
    await forEachAtOnce(points, 2, async (point, index) => {
      const family = `${point.at} ${index}`;
      const dying = await crashes.startDying(point);
      const token = await freshToken(family);
      const first = await refreshTokens(dying.calls, 'client', crashes.app, { family, token });
      await expect(dying.server.ended).resolves.toBe(killed);
      if (!mayAnswer(point)) expect([family, first.outcome]).toEqual([family, 'unknown']);
      const kept = await keptAnswer(token);
      if (point.kept !== 'either')
        expect([family, kept !== undefined]).toEqual([family, point.kept === 'all']);

      const again = await refreshTokens(crashes.steady, 'client', crashes.app, { family, token });
      expect([family, again.outcome]).toEqual([family, 'ok']);
      if (kept !== undefined) expect(again.facts?.body).toBe(kept);
      if (first.facts?.body !== undefined) expect(again.facts?.body).toBe(first.facts.body);
      answers[again.outcome !== 'ok' ? 'lost' : kept === undefined ? 'fresh' : 'again'] += 1;
      const access = again.facts?.access ?? '';
      await expect(askUserinfo(crashes.steady, 'client', { family, token: access })).resolves.toMatchObject({
        outcome: 'ok',
      });
    });
    const { calls } = readHistory(crashes.history.path);
    const dump = await dumpDatabase({ connectionString: crashes.database.superuserUrl });
    const findings = checkInvariants({ calls, dump });
    report({
      row: 'F-02',
      fault: `${points.length} kills -9 in a refresh, at ${refresh.length} points`,
      calls: countOutcomes(calls),
      lost: countLost(findings),
      measured: `of the answers ${answers.lost} were lost: ${answers.again} given again byte for byte, ${answers.fresh} never made before`,
    });
    expect(findings).toEqual([]);
    expect(answers.again).toBeGreaterThanOrEqual(
      rounds * refresh.filter(({ kept }) => kept === 'all').length,
    );
  });
});
