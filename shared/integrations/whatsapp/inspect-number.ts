import { z } from 'zod';

const number = z.object({ quality_rating: z.string().optional(), verified_name: z.string().optional() });
const refusal = z.object({ error: z.object({ code: z.number() }) });

/** What Graph API says of our number when it is asked with our token. */
export type NumberInspection =
  | { type: 'ok'; quality: string | undefined }
  | { type: 'refused'; status: number; code: number | undefined };

/** Asks Graph API for our own number: proves address, token and number id in one harmless call. Throws when nothing answers. */
export async function inspectNumber(
  { apiUrl, accessToken, phoneNumberId }: { apiUrl: string; accessToken: string; phoneNumberId: string },
  signal: AbortSignal = AbortSignal.timeout(8_000),
): Promise<NumberInspection> {
  const answer = await fetch(`${apiUrl}/${phoneNumberId}?fields=quality_rating,verified_name`, {
    headers: { authorization: `Bearer ${accessToken}` },
    signal,
    redirect: 'error',
  });
  const body: unknown = await answer.json().catch(() => undefined);
  if (answer.ok) return { type: 'ok', quality: number.safeParse(body).data?.quality_rating };
  return { type: 'refused', status: answer.status, code: refusal.safeParse(body).data?.error.code };
}
