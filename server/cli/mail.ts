import type { Command } from 'commander';
import type { CliContext } from './context.ts';
import { refused } from './refusal.ts';

/** `mail test`. */
export function addMailCommands(program: Command, context: CliContext): void {
  const mail = program.command('mail').description('mail: whether it gets out');
  mail
    .command('test')
    .requiredOption('--to <address>', 'who gets it')
    .description(
      'send one mail with the present settings, past the outbox, and say what the mail server said',
    )
    .action(async ({ to }: { to: string }) => {
      const outcome = await context.withHouse((house) => house.mail.test(to));
      if (outcome.kind === 'failed')
        throw refused(`The mail was not taken, and is not tried again: ${outcome.why}`);
      context.terminal.out.write(
        outcome.kind === 'sent' ? `The mail server took it: ${outcome.id}\n` : 'It is in the mailbox page.\n',
      );
    });
}
