import { type Command, Option } from 'commander';
import { StartError } from '../errors.ts';
import { readText, type Terminal } from './terminal.ts';

/**
 * Adds `--<name>-stdin` and `--<name>-file`. There is no option that takes the secret itself: arguments are seen by every
 * user of the machine and stay in the history of the shell.
 */
export function addSecretOptions(command: Command, name: string, what: string): Command {
  const stdin = new Option(`--${name}-stdin`, `read ${what} from standard input (asked for on a terminal)`);
  const file = new Option(`--${name}-file <path>`, `read ${what} from a file`);
  return command.addOption(stdin.conflicts(`${name}File`)).addOption(file);
}

/** The secret that the options point at, without the line end behind it; undefined when no option was given. */
export async function readSecret(
  terminal: Terminal,
  name: string,
  options: Record<string, unknown>,
): Promise<string | undefined> {
  const file = options[`${name}File`];
  if (typeof file === 'string') return notEmpty(await readText(terminal, file), `The file ${file}`);
  if (options[`${name}Stdin`] !== true) return undefined;
  const typed = terminal.in.isTTY === true ? await ask(terminal, name) : await readText(terminal, '-');
  return notEmpty(typed, 'Standard input');
}

function notEmpty(text: string, where: string): string {
  const secret = text.replace(/\r?\n$/, '');
  if (secret === '') throw new StartError(`${where} is empty.`, 'Put the secret there.');
  return secret;
}

const enter = /[\r\n]/;
const interrupt = '\u0003';
const erase = new Set(['\u007f', '\b']);

/** Asks on a terminal without showing what is typed. */
async function ask(terminal: Terminal, name: string): Promise<string> {
  terminal.err.write(`${name}: `);
  terminal.in.setRawMode?.(true);
  try {
    return await readHidden(terminal);
  } finally {
    terminal.in.setRawMode?.(false);
    terminal.err.write('\n');
  }
}

async function readHidden({ in: input }: Terminal): Promise<string> {
  const typed: string[] = [];
  input.setEncoding('utf8');
  for await (const chunk of input) {
    for (const character of Array.from(String(chunk))) {
      if (enter.test(character)) return typed.join('');
      if (character === interrupt) throw new StartError('Interrupted.', 'Nothing was changed.');
      if (erase.has(character)) typed.pop();
      else typed.push(character);
    }
  }
  return typed.join('');
}
