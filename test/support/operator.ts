/** The operator of tests: who logs in, and the variable that knows the password by its hash. */
export const testOperator = {
  email: 'ana@example.com',
  password: 'clave larga, con ñ',
  adminUsers: 'ana@example.com:scrypt$32768$8$1$ziEyoPiGnhSVopwCSU5hYw$Aqe72PeUIoNRNaemOZNC-wZfb9HXUm14dIfacA4k3nk',
};

/** A bearer token of that operator from a running API. */
export async function logIn(url: string): Promise<string> {
  const { email, password } = testOperator;
  const answer = await fetch(`${url}/api/v1/auth/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ email, password }),
  });
  if (answer.status !== 200) throw new Error(`no login: ${answer.status}`);
  return ((await answer.json()) as { token: string }).token;
}

/** The `cookie` header of that operator's console session. */
export async function logInToConsole(url: string): Promise<string> {
  const form = await fetch(`${url}/console/entrar`);
  const [token] = /(?<=name="token" value=")[\w-]+/.exec(await form.text())!;
  const answer = await fetch(`${url}/console/entrar`, {
    method: 'POST',
    redirect: 'manual',
    headers: { cookie: toCookie(form) },
    body: new URLSearchParams({ email: testOperator.email, password: testOperator.password, token }),
  });
  if (answer.status !== 303) throw new Error(`no login: ${answer.status}`);
  return toCookie(answer);
}

function toCookie(response: Response): string {
  return response.headers
    .getSetCookie()
    .map((line) => line.split(';')[0])
    .join('; ');
}
