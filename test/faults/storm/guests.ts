import { setTimeout as sleep } from 'node:timers/promises';
import { addDays, toCalendarDate } from '#shared/domain/stay.ts';
import { pickQuestion } from '../traffic.ts';
import type { StormHouse } from './storm-house.ts';

type Vendors = Pick<StormHouse, 'whatsapp' | 'mercadopago'>;

/** How a guest's wish to book ended. */
export type BookingEnd = 'paid' | 'refused' | 'stuck';

const patienceMs = 150_000;
/** Somebody else was quicker. */
const isRefusal = /acaba de tomar|guardada otra persona|no pude tomar/i;
/** Stays begin within so many days; far fewer places than guests, so that many want the same. */
const horizonDays = 480;

/** What guests do of themselves, counted. */
export type Crowd = {
  messages: number;
  ends: Record<BookingEnd, number>;
  /** The phones of the stuck. */
  stuck: string[];
};

/** Asks something that is answered whatever was said before; what the webhook does not take is sent again by WhatsApp. */
export function ask(phone: string, { whatsapp }: Vendors, crowd: Crowd, random: () => number): void {
  crowd.messages += 1;
  void whatsapp.write({ phone }, { text: pickQuestion(random) }).catch(() => {});
}

/**
 * A guest who writes, chooses what is offered, confirms and pays: approved at once, first pending, or told twice. Acts on what it
 * reads, and waits as long as a patient person would.
 */
export async function book(phone: string, vendors: Vendors, crowd: Crowd, random: () => number): Promise<void> {
  const { whatsapp, mercadopago } = vendors;
  const say = async (content: { text: string } | { tap: string }): Promise<void> => {
    crowd.messages += 1;
    await whatsapp.write({ phone }, content).catch(() => {});
  };
  const checkIn = addDays(
    toCalendarDate(new Date(), 'America/Argentina/Buenos_Aires'),
    3 + Math.floor(random() * horizonDays),
  );
  await say({ text: `Hola, busco cabaña del ${toWords(checkIn)} al ${toWords(addDays(checkIn, 2))} para 2 personas` });
  const until = Date.now() + patienceMs;
  let read = 0;
  let confirmed = false;
  while (Date.now() < until) {
    await sleep(250);
    const fresh = whatsapp.sent(phone).slice(read);
    read += fresh.length;
    const link = fresh.map(({ text }) => /\/checkout\/(\S+)/.exec(text)?.[1]).find(Boolean);
    if (link !== undefined) {
      await pay(link, mercadopago, random);
      crowd.ends.paid += 1;
      return;
    }
    const choices = fresh.flatMap((message) => message.choices);
    const confirm = choices.find(({ id }) => id.startsWith('confirm:'));
    const units = choices.filter(({ id }) => id.startsWith('unit:') && id.includes(checkIn));
    if (confirm && !confirmed) {
      confirmed = true;
      await say({ tap: confirm.id });
    } else if (units.length > 0 && !confirmed) await say({ tap: units[Math.floor(random() * units.length)]!.id });
    else if (fresh.length > 0 && !confirmed && !confirm) {
      // Nothing free on these days: what is offered instead is not what this guest wants.
      crowd.ends.refused += 1;
      return;
    } else if (fresh.some(({ text }) => isRefusal.test(text))) {
      crowd.ends.refused += 1;
      return;
    }
  }
  crowd.ends.stuck += 1;
  crowd.stuck.push(phone);
}

async function pay(preferenceId: string, mercadopago: Vendors['mercadopago'], random: () => number): Promise<void> {
  const luck = random();
  if (luck < 0.15) {
    const id = await mercadopago.pay(preferenceId, { status: 'pending' });
    await sleep(1_000 + random() * 4_000);
    return mercadopago.change(id, { status: 'approved' });
  }
  const id = await mercadopago.pay(preferenceId, { status: 'approved' });
  if (luck < 0.3) await mercadopago.notify(id);
}

function toWords(date: string): string {
  const [year, month, day] = date.split('-');
  return `${Number(day)}/${Number(month)}/${year}`;
}
