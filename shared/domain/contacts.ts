/**
 * How WhatsApp names a person; since 2026 a phone may be missing and the business-scoped id is all there is. `value` is what
 * is sent to, `matchKey` what makes two spellings one person.
 */
export type Identity = { kind: 'phone' | 'bsuid'; value: string; matchKey: string };

/**
 * One key for all the ways one phone is written. Argentine numbers (549…, 54…, 0…15…) are one person by area code and
 * number, ten digits together; any other number is its digits.
 */
export function phoneMatchKey(written: string): string {
  const subscriber = argentineSubscriber(written);
  return subscriber === null ? digitsOf(written) : `AR${subscriber}`;
}

/** Digits only, without the international prefix 00. */
function digitsOf(written: string): string {
  return written.replaceAll(/\D/g, '').replace(/^00/, '');
}

/** Area code and number of an Argentine phone in any of its forms; null for any other. */
function argentineSubscriber(written: string): string | null {
  const digits = digitsOf(written);
  const national = digits.startsWith('54') ? digits.slice(2) : digits.startsWith('0') ? digits : null;
  return national === null ? null : toArgentineSubscriber(national);
}

/** The ten digits of an Argentine number without the mobile marks 0, 9 and 15; null when it is none. */
function toArgentineSubscriber(national: string): string | null {
  let rest = national.replace(/^0/, '');
  if (rest.length > 10 && rest.startsWith('9')) rest = rest.slice(1).replace(/^0/, '');
  if (rest.length === 10) return rest;
  if (rest.length !== 12) return null;
  // Area codes have 2 to 4 digits; the 15 stands behind them.
  for (const areaLength of [2, 3, 4]) {
    if (rest.slice(areaLength, areaLength + 2) === '15') return rest.slice(0, areaLength) + rest.slice(areaLength + 2);
  }
  return null;
}

/**
 * The other way WhatsApp may know an Argentine mobile: 549… ↔ 54…. Test numbers accept only one of the two. Null for every
 * other phone.
 */
export function siblingOf(phone: string): string | null {
  const subscriber = argentineSubscriber(phone);
  if (subscriber === null) return null;
  return digitsOf(phone).startsWith('549') ? `54${subscriber}` : `549${subscriber}`;
}

/** A phone as WhatsApp takes it: what is international stays as it is, an Argentine national form (0…15…) becomes 549…. */
export function toSendable(phone: string): string {
  const digits = digitsOf(phone);
  const subscriber = argentineSubscriber(phone);
  if (subscriber === null) return digits;
  return digits === `54${subscriber}` || digits === `549${subscriber}` ? digits : `549${subscriber}`;
}

/** The names under which somebody shows up: a phone (`phone` as received, `waId` as WhatsApp has it) and a BSUID. */
export type ShownContact = { waId?: string | undefined; phone?: string | undefined; bsuid?: string | undefined };

/**
 * The identities that a message's sender shows; empty when it shows none. A BSUID is never rewritten, and an id that is
 * neither (WhatsApp may send anything) is kept like one. Two phones are one person only as this message says so.
 */
export function toIdentities({ waId, phone, bsuid }: ShownContact): Identity[] {
  const identities: Identity[] = [];
  for (const written of [phone, waId]) {
    if (!written) continue;
    if (!/^[\d\s()+.-]*$/.test(written) || !/\d/.test(written)) {
      if (!bsuid && identities.length === 0) identities.push(toBsuid(written));
      continue;
    }
    const identity: Identity = { kind: 'phone', value: toSendable(written), matchKey: phoneMatchKey(written) };
    if (!identities.some(({ matchKey }) => matchKey === identity.matchKey)) identities.push(identity);
  }
  if (bsuid) identities.push(toBsuid(bsuid));
  return identities;
}

function toBsuid(value: string): Identity {
  return { kind: 'bsuid', value, matchKey: value };
}
