import { pino } from 'pino';
import type { Bindings, DestinationStream, Logger as PinoLogger, LoggerOptions } from 'pino';
import pretty from 'pino-pretty';
import { currentCorrelationId } from './context.ts';
import { redact, scrubErrorMessage, scrubText } from './redaction.ts';

/** pino's logger, with whom and where already bound; `log.child({ job })` binds more. Errors go under the key `err`. */
export type Logger = PinoLogger;

/** What the logger needs of the configuration; an `Env` fits. */
export type LogSettings = { logLevel: string; isProduction: boolean };

/**
 * The process's logger: one JSON line each to stdout in production, readable lines otherwise (written in this process, at the
 * latest when its turn of the loop ends); silent in tests unless LOG_LEVEL is set. Every object and message passes the redaction,
 * at any depth; the correlation id of the running request or job is on each line. `destination` is for tests: where the JSON lines go.
 */
export function createLogger(settings: LogSettings, destination?: DestinationStream): Logger {
  const options: LoggerOptions = {
    level: settings.logLevel,
    base: { pid: process.pid },
    timestamp: pino.stdTimeFunctions.isoTime,
    mixin: contextFields,
    formatters: {
      level: (label) => ({ level: label }),
      log: (object) => redact(object) as Record<string, unknown>,
    },
    // the redaction has turned errors into plain objects already
    serializers: { err: (error: unknown) => error },
    hooks: {
      logMethod(args, method) {
        method.apply(this, scrubArguments(args) as typeof args);
      },
    },
  };
  return withRedactedChildren(openLogger(options, settings, destination));
}

function openLogger(options: LoggerOptions, settings: LogSettings, destination?: DestinationStream): Logger {
  if (destination) return pino(options, destination);
  if (settings.isProduction) return pino(options, openOutput());
  return pino(options, pretty({ sync: true, ignore: 'pid', translateTime: 'SYS:HH:MM:ss.l' }));
}

/** Standard output that takes the lines of one turn of the loop in one write; a process that ends says the rest before. */
function openOutput(): DestinationStream & { flushSync(): void } {
  const output = pino.destination({ sync: true, minLength: 8_192 });
  let isDue = false;
  // Not its `flushSync`, which waits for the disk, and for ever for who reads no more.
  const flush = (): void => {
    isDue = false;
    output.flush();
  };
  process.once('exit', flush);
  return {
    write(line) {
      output.write(line);
      if (isDue) return;
      isDue = true;
      setImmediate(flush);
    },
    flushSync: flush,
  };
}

type ChildOf = (this: Logger, bindings: Bindings, options?: object) => Logger;

/** pino applies no formatter to the bindings of children; they inherit this method, so all their children are covered. */
function withRedactedChildren(logger: Logger): Logger {
  const child = Reflect.get(logger, 'child') as unknown as ChildOf;
  const redactedChild: ChildOf = function childOf(this: Logger, bindings, options) {
    return child.call(this, redact(bindings) as Bindings, options);
  };
  logger.child = redactedChild as unknown as Logger['child'];
  return logger;
}

/** A bare error would put its message on the line unscrubbed. */
function scrubArguments(args: unknown[]): unknown[] {
  const [first] = args;
  if (args.length === 1 && first instanceof Error) return [{ err: first }, scrubErrorMessage(first.message)];
  return args.map((arg) => (typeof arg === 'string' ? scrubText(arg) : arg));
}

/** A logger that says nothing: the default of tools and tests. */
export function createSilentLogger(): Logger {
  return pino({ level: 'silent' });
}

function contextFields(): Record<string, unknown> {
  const correlationId = currentCorrelationId();
  return correlationId ? { correlationId } : {};
}
