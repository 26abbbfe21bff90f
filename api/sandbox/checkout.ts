import { toCents } from '#shared/integrations/mercadopago/payload.ts';
import type { MercadoPagoSimulator } from '#shared/integrations/mercadopago/simulator.ts';
import type { SimulatedPreference } from '#shared/integrations/mercadopago/simulator-state.ts';

/** What the checkout page shows of a payment link. */
export type CheckoutView = {
  id: string;
  title: string;
  amountCents: number;
  currency: string;
  /** Undefined = never. */
  openUntil: Date | undefined;
  isOpen: boolean;
  /** Payments for the same reservation, oldest first. */
  payments: { id: string; status: string; amountCents: number }[];
};

/** What the buttons of the checkout page do. */
export type CheckoutAction = (typeof checkoutActions)[number];
export const checkoutActions = [
  'approve',
  'reject',
  'pending',
  'approve-pending',
  'reject-pending',
  'approve-again',
  'pay-one-peso',
  'pay-late',
] as const;

/** All links, the latest first. */
export function listCheckouts(simulator: MercadoPagoSimulator): CheckoutView[] {
  return simulator
    .preferences()
    .toReversed()
    .map((preference) => toView(simulator, preference));
}

/** One link; undefined when there is none with this id. */
export function findCheckout(simulator: MercadoPagoSimulator, id: string): CheckoutView | undefined {
  const preference = simulator.preferences().find((each) => each.id === id);
  return preference && toView(simulator, preference);
}

/** The payment of this link that still waits for its answer. */
export function findPending(view: CheckoutView): CheckoutView['payments'][number] | undefined {
  return view.payments.findLast(({ status }) => status === 'pending' || status === 'in_process');
}

/** Does what a button says and resolves after the notice's first attempt. Does nothing where the button would not be there. */
export async function actOnCheckout(
  simulator: MercadoPagoSimulator,
  view: CheckoutView,
  action: CheckoutAction,
): Promise<void> {
  const pending = findPending(view);
  switch (action) {
    case 'approve':
    case 'approve-again':
      if (view.isOpen) await simulator.pay(view.id, { status: 'approved' });
      return;
    case 'reject':
      if (view.isOpen) await simulator.pay(view.id, { status: 'rejected' });
      return;
    case 'pending':
      if (view.isOpen) await simulator.pay(view.id, { status: 'pending' });
      return;
    case 'approve-pending':
      if (pending) await simulator.change(pending.id, { status: 'approved' });
      return;
    case 'reject-pending':
      if (pending) await simulator.change(pending.id, { status: 'rejected' });
      return;
    case 'pay-one-peso':
      if (view.isOpen) await simulator.pay(view.id, { status: 'approved', amountCents: 100 });
      return;
    case 'pay-late':
      await simulator.pay(view.id, { status: 'approved', late: true });
  }
}

function toView(simulator: MercadoPagoSimulator, preference: SimulatedPreference): CheckoutView {
  const { items, external_reference: reference, expires, expiration_date_to: until } = preference.body;
  return {
    id: preference.id,
    title: items[0]?.title ?? '',
    amountCents: items.reduce((sum, item) => sum + (toCents(item.unit_price) ?? 0) * item.quantity, 0),
    currency: items[0]?.currency_id ?? 'ARS',
    openUntil: expires === true && until !== undefined ? new Date(until) : undefined,
    isOpen: simulator.isOpen(preference.id),
    payments: simulator
      .payments()
      .filter((payment) => reference !== undefined && payment.external_reference === reference)
      .map(({ id, status, transaction_amount: amount }) => ({
        id: String(id),
        status,
        amountCents: toCents(amount) ?? 0,
      })),
  };
}
