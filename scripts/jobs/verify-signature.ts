import { readFile } from 'node:fs/promises';
import { verifyMercadoPagoSignature } from '#shared/integrations/mercadopago/signature.ts';
import { verifyWhatsAppSignature } from '#shared/integrations/whatsapp/signature.ts';
import { Misuse, required, type Command, type CommandInput } from './command.ts';

/** Is this webhook's signature right? For support; exit 0 either way. */
export const command: Command = {
  usage:
    'mercadopago --secret S --x-signature H [--x-request-id R] [--data-id D] | whatsapp --secret S --signature H --file raw',
  summary: 'judge the signature of a webhook',
  needs: 'nothing',
  options: {
    secret: { type: 'string' },
    'x-signature': { type: 'string' },
    'x-request-id': { type: 'string' },
    'data-id': { type: 'string' },
    signature: { type: 'string' },
    file: { type: 'string' },
  },
  async run({ args, options }) {
    const provider = required(args, 0, 'provider');
    const verdict = await judge(provider, options);
    return { data: verdict, text: verdict.valid ? 'valid' : `not valid: ${verdict.reason ?? 'mismatch'}` };
  },
};

async function judge(provider: string, options: CommandInput['options']): Promise<{ valid: boolean; reason?: string }> {
  const secret = String(options['secret'] ?? '');
  if (secret === '') throw new Misuse('missing --secret');
  if (provider === 'whatsapp') {
    if (typeof options['file'] !== 'string') throw new Misuse('missing --file');
    const raw = await readFile(options['file']);
    return verifyWhatsAppSignature(raw, toText(options['signature']), secret.split(','));
  }
  if (provider === 'mercadopago')
    return verifyMercadoPagoSignature({
      secret,
      xSignature: toText(options['x-signature']),
      xRequestId: toText(options['x-request-id']),
      dataId: toText(options['data-id']),
    });
  throw new Misuse(`unknown provider "${provider}"`);
}

function toText(value: string | boolean | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
