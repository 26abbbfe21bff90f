import { createHmac, timingSafeEqual } from 'node:crypto';

/** What a button on an owner's message stands for. */
export type SignedDecision = { noticeId: string; decision: string };

const pattern = /^own:(\d{1,18}):([a-z_]{1,40}):([\w-]{22})$/;

/**
 * The id of a decision's button. Signed, because whoever knows the pattern could send such an id from a phone of their own (that
 * phone is checked besides). `secret` is the installation's.
 */
export function signDecision({ noticeId, decision }: SignedDecision, secret: string): string {
  return `own:${noticeId}:${decision}:${macOf(noticeId, decision, secret)}`;
}

/** The decision of a tapped id; null when it is none or its signature is wrong. */
export function readDecision(id: string, secret: string): SignedDecision | null {
  const [, noticeId = '', decision = '', mac = ''] = pattern.exec(id) ?? [];
  if (noticeId === '') return null;
  const right = Buffer.from(macOf(noticeId, decision, secret));
  return timingSafeEqual(right, Buffer.from(mac)) ? { noticeId, decision } : null;
}

/** Looks like one of ours, whatever its signature: nobody's words. */
export function isDecisionId(id: string): boolean {
  return pattern.test(id);
}

function macOf(noticeId: string, decision: string, secret: string): string {
  return createHmac('sha256', `owner-decision:${secret}`)
    .update(`${noticeId}:${decision}`)
    .digest('base64url')
    .slice(0, 22);
}
