import { createHmac } from 'node:crypto';
import type { Context } from 'koa';
import type { Env } from '#shared/config/env.ts';
import { isSameSecret } from '#shared/observability/same-secret.ts';
import { tokenMinutes, type Access } from '../auth/access.ts';
import type { Operator } from '../auth/operators.ts';
import { readToken, signToken } from '../auth/tokens.ts';

/** An operator who is logged in; `formToken` is what each of their forms must carry. */
export type Session = { operator: Operator; formToken: string; endsAt: Date };

/** Sessions of the console and the board, in a signed cookie: nothing is kept on the server. */
export type Sessions = {
  /** Whether anybody may log in at all. */
  readonly isOpen: boolean;
  /** Whose request it is; renews a session that is past its half, for at most 12 h after its login. */
  find(ctx: Context): Session | undefined;
  /** Logs in by e-mail and password; false for a wrong pair. Throws 429 after too many failures. */
  open(ctx: Context, given: { email: string; password: string }): Promise<boolean>;
  close(ctx: Context): void;
  /** The token of the login form, bound to a cookie of the visitor, which is set when there is none. */
  visitorToken(ctx: Context): string;
  /** Does the visitor's cookie fit the login form's token? */
  isVisitor(ctx: Context, token: string): boolean;
};

const sessionCookie = 'posada_session';
const visitorCookie = 'posada_visitor';
const longestMs = 12 * 3_600_000;
const idleMs = tokenMinutes * 60_000;

/** Makes the sessions; the cookies are HttpOnly, SameSite=Strict, and Secure where the outside reaches us by https. */
export function createSessions(env: Pick<Env, 'jwtSecret' | 'publicUrl'>, access: Access): Sessions {
  const isSecure = env.publicUrl.startsWith('https:');
  const mac = (text: string): string =>
    createHmac('sha256', env.jwtSecret).update(`console-form:${text}`).digest('base64url');
  const setCookie = (ctx: Context, name: string, value: string, maxAgeS: number): void => {
    ctx.append(
      'Set-Cookie',
      `${name}=${value}; Path=/; Max-Age=${maxAgeS}; HttpOnly; SameSite=Strict${isSecure ? '; Secure' : ''}`,
    );
  };
  return {
    isOpen: access.operators !== undefined,
    find(ctx) {
      const token = readCookie(ctx, sessionCookie);
      const operator = token === undefined ? undefined : access.identify(token, 'console');
      const claims = token === undefined ? undefined : readToken(env.jwtSecret, token, 'console');
      if (!operator || !claims) return undefined;
      const loginMs = claims.iat * 1_000;
      const left = claims.exp * 1_000 - Date.now();
      const endMs = Math.min(Date.now() + idleMs, loginMs + longestMs);
      let endsAt = new Date(claims.exp * 1_000);
      if (left < idleMs / 2 && endMs > claims.exp * 1_000 && !ctx.headerSent) {
        endsAt = new Date(endMs);
        const renewed = signToken(env.jwtSecret, { ...claims, exp: Math.floor(endMs / 1_000) });
        setCookie(ctx, sessionCookie, renewed, Math.floor((endMs - Date.now()) / 1_000));
      }
      // Of the login and not of the token: forms that are open in other tabs outlive a renewal.
      return { operator, endsAt, formToken: mac(`${claims.sub}:${claims.iat}:${claims.stamp}`) };
    },
    async open(ctx, given) {
      const opened = await access.login(given, access.addressOf(ctx), 'console');
      if (!opened) return false;
      setCookie(ctx, sessionCookie, opened.token, tokenMinutes * 60);
      return true;
    },
    close(ctx) {
      setCookie(ctx, sessionCookie, '', 0);
    },
    visitorToken(ctx) {
      const known = readCookie(ctx, visitorCookie);
      const value = known !== undefined && /^[\w-]{22}$/.test(known) ? known : randomValue();
      if (value !== known) setCookie(ctx, visitorCookie, value, 3_600);
      return mac(`visitor:${value}`);
    },
    isVisitor(ctx, token) {
      const value = readCookie(ctx, visitorCookie);
      return value !== undefined && isSameSecret(token, mac(`visitor:${value}`));
    },
  };
}

function randomValue(): string {
  return Buffer.from(crypto.getRandomValues(new Uint8Array(16))).toString('base64url');
}

/** By hand: Koa's own cookies insist on keys for what is signed here already. */
function readCookie(ctx: Context, name: string): string | undefined {
  for (const pair of ctx.get('Cookie').split(';')) {
    const [key, value] = pair.trim().split('=', 2);
    if (key === name && value !== undefined) return value;
  }
  return undefined;
}
