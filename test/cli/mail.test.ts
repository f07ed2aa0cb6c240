import { describe, expect, it } from '@jest/globals';
import { aHouse, run } from './fake-house.ts';

describe('gatehouse mail test', () => {
  it('says what the mail server has taken', async () => {
    const { code, out } = await run(aHouse().house, ['mail', 'test', '--to', 'someone@example.org']);
    expect([code, out]).toEqual([0, 'The mail server took it: id-1\n']);
  });

  it('fails with the words of the mail server', async () => {
    const { code, err } = await run(aHouse().house, ['mail', 'test', '--to', 'refused@example.org']);
    expect([code, err]).toEqual([1, expect.stringContaining('no such mailbox')]);
  });

  it('wants to know to whom', async () => {
    await expect(run(aHouse().house, ['mail', 'test'])).resolves.toMatchObject({ code: 2 });
  });
});
