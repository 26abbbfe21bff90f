import { parseArgs } from 'node:util';
import { ConfigurationError } from '#shared/config/configuration-error.ts';
import { DomainError } from '#shared/domain/errors.ts';
import { exitCodes, Misuse, type Command, type CommandResult } from './jobs/command.ts';

/** Every command by its name; each is loaded only when it is called. */
const commands: Record<string, () => Promise<{ command: Command }>> = {
  'accept-payment': () => import('./jobs/accept-payment.ts'),
  'accept-quarantine': () => import('./jobs/accept-quarantine.ts'),
  block: () => import('./jobs/block.ts'),
  conflicts: () => import('./jobs/conflicts.ts'),
  doctor: () => import('./jobs/doctor.ts'),
  'erase-contact': () => import('./jobs/erase-contact.ts'),
  'expire-now': () => import('./jobs/expire-now.ts'),
  feeds: () => import('./jobs/feeds.ts'),
  'gen-ical-token': () => import('./jobs/gen-ical-token.ts'),
  'hash-password': () => import('./jobs/hash-password.ts'),
  'import-lodging': () => import('./jobs/import-lodging.ts'),
  move: () => import('./jobs/move.ts'),
  payments: () => import('./jobs/payments.ts'),
  quote: () => import('./jobs/quote.ts'),
  'read-calendar': () => import('./jobs/read-calendar.ts'),
  reconcile: () => import('./jobs/reconcile.ts'),
  'record-payment': () => import('./jobs/record-payment.ts'),
  refund: () => import('./jobs/refund.ts'),
  replay: () => import('./jobs/replay.ts'),
  'seed-demo': () => import('./jobs/seed-demo.ts'),
  stats: () => import('./jobs/stats.ts'),
  'sync-calendars': () => import('./jobs/sync-calendars.ts'),
  timeline: () => import('./jobs/timeline.ts'),
  understand: () => import('./jobs/understand.ts'),
  'verify-signature': () => import('./jobs/verify-signature.ts'),
};

process.exitCode = await main(process.argv.slice(2));

async function main([name, ...rest]: string[]): Promise<number> {
  if (name === undefined || name === 'help' || name === '--help' || name === '-h') {
    console.log(await help());
    return name === undefined ? exitCodes.misuse : exitCodes.done;
  }
  const load = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (!load) {
    console.error(`unknown command "${name}"\n\n${await help()}`);
    return exitCodes.misuse;
  }
  const { command } = await load();
  const wantsJson = rest.includes('--json');
  try {
    const { values, positionals } = parseArgs({
      args: rest,
      allowPositionals: true,
      options: { ...command.options, json: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } },
    });
    if (values['help']) {
      console.log(usageOf(name, command));
      return exitCodes.done;
    }
    const input = { args: positionals, options: values as Record<string, string | boolean | undefined> };
    const result =
      command.needs === 'nothing'
        ? await command.run(input)
        : await (await import('./jobs/office.ts')).withOffice((office) => command.run(input, office));
    print(result, wantsJson);
    return result.exitCode ?? exitCodes.done;
  } catch (error) {
    return explain(error, name, command);
  }
}

function print(result: CommandResult, asJson: boolean): void {
  if (result.data === undefined) return;
  if (asJson) console.log(JSON.stringify(result.data));
  else if (result.text !== '') console.log(result.text);
}

/** Says in one line what was wrong, on standard error; the exit code says whose turn it is. */
function explain(error: unknown, name: string, command: Command): number {
  const isArgument =
    error instanceof TypeError && String((error as { code?: string }).code).startsWith('ERR_PARSE_ARGS');
  if (error instanceof Misuse || isArgument) {
    console.error(`${name}: ${error.message}\n${usageOf(name, command)}`);
    return exitCodes.misuse;
  }
  if (error instanceof ConfigurationError) {
    console.error(error.message);
    return exitCodes.configuration;
  }
  if (error instanceof DomainError) console.error(`${name}: ${error.code} ${JSON.stringify(error.data)}`);
  else console.error(`${name}: ${error instanceof Error ? error.message : String(error)}`);
  return exitCodes.failed;
}

function usageOf(name: string, command: Command): string {
  return `usage: npm run --silent jobs -- ${name} ${command.usage} [--json]\n  ${command.summary}`;
}

async function help(): Promise<string> {
  const rows = await Promise.all(
    Object.entries(commands).map(async ([name, load]) => {
      const { command } = await load();
      return `  ${`${name} ${command.usage}`.trim()}\n      ${command.summary}`;
    }),
  );
  return `usage: npm run --silent jobs -- <command> [--json] [--help]\n\n${rows.join('\n')}`;
}
