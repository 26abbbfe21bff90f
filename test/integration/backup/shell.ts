import { execFile } from 'node:child_process';
import { resolve } from 'node:path';

export const projectDir = resolve(import.meta.dirname, '../../..');

/** How a script ended. */
export type Ended = { code: number; stdout: string; stderr: string; lastLine: string };

/** Runs a script of the project with exactly these variables (and a PATH) and no terminal; `input` goes to its standard input. */
export function runScript(script: string, args: string[], env: NodeJS.ProcessEnv, input = ''): Promise<Ended> {
  return new Promise((done) => {
    const child = execFile(
      'bash',
      [resolve(projectDir, script), ...args],
      // Nothing of a developer's own .env.
      { cwd: projectDir, env: { POSADA_ENV_FILE: '/dev/null', ...env }, maxBuffer: 50_000_000 },
      (error, stdout, stderr) => {
        const code = error ? (typeof error.code === 'number' ? error.code : 1) : 0;
        done({ code, stdout, stderr, lastLine: stdout.trim().split('\n').at(-1) ?? '' });
      },
    );
    child.stdin?.end(input);
  });
}
