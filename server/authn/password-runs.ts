/** Rows of the keyboards that most people have. */
const rows = [
  'qwertyuiop',
  'asdfghjkl',
  'zxcvbnm',
  'qwertzuiop',
  'yxcvbnm',
  'azertyuiop',
  'qsdfghjklm',
  'wxcvbn',
];

const neighbours = new Set(
  rows.flatMap((row) =>
    Array.from({ length: row.length - 1 }, (_, place) => row.slice(place, place + 2)).flatMap((pair) => [
      pair,
      pair.split('').reverse().join(''),
    ]),
  ),
);

type Step = 'same' | 'up' | 'down' | 'keyboard' | undefined;

/**
 * A folded password with each run in it (`aaa`, `12345`, `cba`, `qwer`) cut to its first character: what somebody has to
 * guess of it.
 */
export function withoutRuns(folded: string): string {
  const characters = Array.from(folded);
  const steps = characters.map((character, place) => stepBetween(characters[place - 1], character));
  return characters.filter((_, place) => !continuesRun(steps, place)).join('');
}

/** Two steps of one kind make a run of three characters; the first of them stays. */
function continuesRun(steps: readonly Step[], place: number): boolean {
  const step = steps[place];
  return step !== undefined && (steps[place - 1] === step || steps[place + 1] === step);
}

function stepBetween(one: string | undefined, next: string): Step {
  if (one === undefined) return undefined;
  if (one === next) return 'same';
  const [from, to] = [one.codePointAt(0) ?? 0, next.codePointAt(0) ?? 0];
  if (to === from + 1 || (one === '9' && next === '0')) return 'up';
  if (to === from - 1 || (one === '0' && next === '9')) return 'down';
  return neighbours.has(one + next) ? 'keyboard' : undefined;
}
