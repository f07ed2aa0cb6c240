import type { Cast } from './tour.ts';

/** Everything by which the log is searched. */
export async function readAuditLog({ server, recorder }: Cast, sub: string): Promise<void> {
  const ask = async (name: string, path: string) => {
    const url = `${server.issuer}/api/admin/v1/audit-events${path}`;
    const headers = { authorization: `Bearer ${await server.adminToken()}` };
    const text = await recorder.flow(`audit log: ${name}`, async () => {
      const answer = await fetch(url, { headers });
      if (answer.status !== 200) throw new Error(`${name}: ${answer.status}`);
      return answer.text();
    });
    return text;
  };
  const { items, next } = JSON.parse(await ask('newest first', '?limit=1'));
  await ask('next page', `?limit=1&after=${next}`);
  await ask('oldest first', '?limit=1&sort=at');
  await ask('of a day', '?limit=1&from=1790000000&to=1990000000');
  await ask('of a person', `?limit=1&person=${sub}`);
  await ask('of a client', '?limit=1&client=shop');
  await ask('of an actor', `?limit=1&actor=${sub}`);
  await ask('of several types', '?limit=1&type=user.*');
  await ask('of an address', '?limit=1&ip=127.0.0.1');
  await ask('of a request', `?limit=1&request_id=${items[0].request_id}`);
  await ask('of a person and a type', `?limit=1&person=${sub}&type=user.created`);
  await ask('one event', `/${items[0].id}`);
  await ask('sinks', '/sinks');
  await ask('export', '/export');
  await ask('export of a person', `/export?person=${sub}`);
}
