import { lookup } from 'node:dns';
import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { type AllowList, isSpecialUse, makeAllowList } from './allowed.ts';

export interface PostRequest {
  headers: Record<string, string>;
  body: string;
  signal: AbortSignal;
}

/** Bytes of an answer that are read; what a receiver has to say is its status. */
const longestAnswer = 65_536;

/**
 * Posts to addresses outside. One that is private or reserved is reached only if the operator has allowed its host name or
 * network (GATEHOUSE_FETCH_ALLOW); what counts is the address that is connected to, so that no name leads around it. Redirects
 * are answers like any other.
 */
export function makeGuardedPost(allow: readonly string[]) {
  const list = makeAllowList(allow);
  const lookUp = guardedLookup(list);
  return (url: string, { headers, body, signal }: PostRequest): Promise<{ status: number }> =>
    new Promise((resolve, reject) => {
      const target = new URL(url);
      const host = target.hostname.replace(/^\[|\]$/g, '');
      if (isIP(host) !== 0 && !mayConnect(list, host, host)) throw refusal(host);
      const send = target.protocol === 'http:' ? requestHttp : requestHttps;
      const request = send(
        target,
        {
          method: 'POST',
          headers: { ...headers, 'content-length': String(Buffer.byteLength(body)) },
          lookup: lookUp,
          signal,
          agent: false,
        },
        (response) => {
          let length = 0;
          response.on('data', (chunk: Buffer) => {
            length += chunk.length;
            if (length > longestAnswer) request.destroy(new Error('the answer is too long'));
          });
          response.on('end', () => resolve({ status: response.statusCode ?? 0 }));
          response.on('error', reject);
        },
      );
      request.on('error', reject);
      request.end(body);
    });
}

/** Looks up as usual and hands on only what may be connected to. */
const guardedLookup =
  (list: AllowList): LookupFunction =>
  (host, options, done) => {
    lookup(host, { ...options, all: true }, (error, found) => {
      if (error !== null) return done(error, '');
      const allowed = found.filter(({ address }) => mayConnect(list, host, address));
      const [first] = allowed;
      if (first === undefined) return done(refusal(host), '');
      return options.all === true ? done(null, allowed) : done(null, first.address, first.family);
    });
  };

const mayConnect = (list: AllowList, host: string, address: string): boolean =>
  !isSpecialUse(address) || list.hasName(host) || list.hasAddress(address);

const refusal = (host: string): Error =>
  new Error(`${host} is a private or reserved address that is not in GATEHOUSE_FETCH_ALLOW`);
