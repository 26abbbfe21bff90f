import { recordSweep } from '#shared/db/stores/sweep-store.ts';
import { toIdentities } from '#shared/domain/contacts.ts';
import { tellOwner } from '#shared/domain/owner-notices/tell-owner.ts';
import type { WorkerDeps } from '../deps.ts';

/**
 * Says to the owner what was not said yet, as messages in the owner's own chat: deliveries decide between free-form and template
 * like for anybody. Without OWNER_WHATSAPP all stays for the console.
 */
export async function sweepUntoldNotices(_: object, deps: WorkerDeps): Promise<void> {
  const [owner] = toIdentities({ phone: deps.env.ownerWhatsapp });
  const count = owner ? await deps.inTransaction((stores) => tellOwner(owner, deps.env.jwtSecret, stores)) : 0;
  await recordSweep(deps.database, 'sweep-untold-notices', count);
}
