/** How WhatsApp names a person; since 2026 a phone may be missing and the business-scoped id is all there is. */
export type Identity = { kind: 'phone' | 'bsuid'; value: string; matchKey: string };

/**
 * One key for all the ways one phone is written. Argentine numbers (549…, 54…, 0…15…) are one person by area code and
 * number, ten digits together; any other number is its digits.
 */
export function phoneMatchKey(written: string): string {
  const digits = written.replaceAll(/\D/g, '').replace(/^00/, '');
  const national = digits.startsWith('54') ? digits.slice(2) : digits.startsWith('0') ? digits : null;
  const subscriber = national === null ? null : toArgentineSubscriber(national);
  return subscriber === null ? digits : `AR${subscriber}`;
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

/** The identities that a message's sender shows; empty when it shows none. A BSUID is never rewritten. */
export function toIdentities(contact: { waId?: string | undefined; phone?: string | undefined; bsuid?: string | undefined }): Identity[] {
  const identities: Identity[] = [];
  const phone = contact.waId ?? contact.phone;
  if (phone && /\d{6,}/.test(phone.replaceAll(/\D/g, '')))
    identities.push({ kind: 'phone', value: phone, matchKey: phoneMatchKey(phone) });
  if (contact.bsuid) identities.push({ kind: 'bsuid', value: contact.bsuid, matchKey: contact.bsuid });
  return identities;
}
