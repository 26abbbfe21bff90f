import { scrubErrorMessage } from '#shared/observability/redaction.ts';

/** What one look found: a fault stops Posada from keeping its word, a warning will or may. */
export type Finding = {
  check: string;
  status: 'ok' | 'warning' | 'fault';
  detail: string;
  /** What to do about it. */
  cure?: string;
};

export const ok = (check: string, detail: string): Finding => ({ check, status: 'ok', detail });
export const warning = (check: string, detail: string, cure: string): Finding => ({
  check,
  status: 'warning',
  detail,
  cure,
});
export const fault = (check: string, detail: string, cure: string): Finding => ({
  check,
  status: 'fault',
  detail,
  cure,
});

/** The findings of a look, or one fault when the look itself failed; an error's message is told without what it quotes. */
export async function look(check: string, cure: string, run: () => Promise<Finding | Finding[]>): Promise<Finding[]> {
  try {
    return [await run()].flat();
  } catch (error) {
    const message = error instanceof Error ? scrubErrorMessage(error.message) : 'unknown error';
    return [fault(check, `could not be looked at (${message})`, cure)];
  }
}
