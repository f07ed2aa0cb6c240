import type { App } from '../flows/protocol/app.ts';
import type { RunningGatehouse } from '../support/gatehouse.ts';
import { readForms } from '../support/html.ts';
import { exchange, type HttpResponse } from '../support/http.ts';
import { makePerson } from '../support/person.ts';
import { atOnce, type RawAnswer, rawPost } from './barrier.ts';

export interface Guess {
  username: string;
  password: string;
  /** Value of the cookie of a known device. */
  device?: string | undefined;
  /** `X-Forwarded-For` as it arrives at the server. */
  forwardedFor?: string | undefined;
}

/** Somebody before the sign-in page of an app who sends its form again and again, to one process or the other. */
export interface Guesser {
  guess(guess: Guess, process?: number): Promise<HttpResponse>;
  /** All at the same moment, in turn to each process. */
  guessAtOnce(guesses: readonly Guess[]): Promise<RawAnswer[]>;
}

export const deviceCookie = 'gatehouse_device';

/** Opens the sign-in page once; a wrong password leaves it open. */
export async function beginGuessing(
  { issuer }: Pick<RunningGatehouse, 'issuer'>,
  ports: readonly number[],
  app: App,
): Promise<Guesser> {
  const person = makePerson(issuer);
  const page = await person.visit(app.begin().url);
  if (page.kind !== 'page') throw new Error(`sent away to ${page.url.href}`);
  const form = readForms(page.html).find(({ fields }) => fields.includes('password'));
  if (form === undefined) throw new Error(`no sign-in form: ${page.text}`);
  const target = new URL(form.action, page.url);
  const { host } = new URL(issuer);

  const headersOf = ({ device, forwardedFor }: Guess): Record<string, string> => ({
    cookie: [person.jar.header(target), device && `${deviceCookie}=${device}`].filter(Boolean).join('; '),
    origin: page.url.origin,
    'sec-fetch-site': 'same-origin',
    ...(forwardedFor === undefined ? {} : { 'x-forwarded-for': forwardedFor }),
  });
  const fieldsOf = ({ username, password }: Guess) => ({ ...form.values, username, password });

  return {
    guess: (guess, process = 0) =>
      exchange(`http://127.0.0.1:${ports[process % ports.length]}${target.pathname}${target.search}`, {
        method: 'POST',
        headers: {
          host,
          'content-type': 'application/x-www-form-urlencoded',
          ...headersOf(guess),
        },
        body: new URLSearchParams(fieldsOf(guess)).toString(),
      }),
    guessAtOnce: (guesses) =>
      atOnce(
        ports,
        guesses.map((guess) =>
          rawPost(host, `${target.pathname}${target.search}`, headersOf(guess), fieldsOf(guess)),
        ),
      ),
  };
}

/** The cookie of the device that an answer has made known. */
export function deviceIn({ setCookies }: Pick<HttpResponse, 'setCookies'>): string | undefined {
  const set = setCookies.find((cookie) => cookie.startsWith(`${deviceCookie}=`));
  return set?.split(';', 1)[0]?.slice(deviceCookie.length + 1);
}
