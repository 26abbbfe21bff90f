import { expect } from 'chai';
import fc from 'fast-check';
import { inboundMessage, statusUpdate, type InboundMessage } from '#shared/domain/conversations/message.ts';
import { splitWebhook, type WebhookParts } from '#shared/integrations/whatsapp/payload.ts';

const ours = '100200300';
const receivedAt = new Date('2026-11-24T15:00:00.000Z');
type Json = Record<string, unknown>;

function aValue(overrides: Json = {}): Json {
  return {
    messaging_product: 'whatsapp',
    metadata: { display_phone_number: '5491100000000', phone_number_id: ours },
    contacts: [{ profile: { name: 'Ana' }, wa_id: '5492944000001', user_id: 'AR.13491208' }],
    ...overrides,
  };
}

function aBody(...changes: Json[]): Json {
  return { object: 'whatsapp_business_account', entry: [{ id: '1', changes }] };
}

function aMessage(overrides: Json = {}): Json {
  return {
    from: '5492944000001',
    id: 'wamid.1',
    timestamp: '1764000000',
    type: 'text',
    text: { body: 'hola' },
    ...overrides,
  };
}

function split(body: unknown): WebhookParts {
  return splitWebhook(body, ours, receivedAt);
}

/** What one message becomes. */
function read(message: Json, value: Json = {}): InboundMessage {
  const parts = split(aBody({ field: 'messages', value: aValue({ messages: [message], ...value }) }));
  expect(parts.ignored).to.deep.equal([]);
  return parts.messages[0]!;
}

describe('splitWebhook', () => {
  it('normalises a text', () => {
    expect(read(aMessage())).to.deep.equal({
      providerMessageId: 'wamid.1',
      phoneNumberId: ours,
      contact: { waId: '5492944000001', phone: '5492944000001', bsuid: 'AR.13491208', profileName: 'Ana' },
      sentAt: '2025-11-24T16:00:00.000Z',
      receivedAt: '2026-11-24T15:00:00.000Z',
      providerType: 'text',
      type: 'text',
      text: 'hola',
    });
  });

  it('reads every message and status of every change of every entry', () => {
    const change = (id: string): Json => ({
      field: 'messages',
      value: aValue({
        messages: [aMessage({ id }), aMessage({ id: `${id}b` })],
        statuses: [{ id: `${id}s`, status: 'sent', timestamp: '1764000000', recipient_id: '1' }],
      }),
    });
    const parts = split({ entry: [{ changes: [change('a'), change('c')] }, { changes: [change('e')] }] });
    expect(parts.messages.map((each) => each.providerMessageId)).to.deep.equal(['a', 'ab', 'c', 'cb', 'e', 'eb']);
    expect(parts.statuses.map((each) => each.providerMessageId)).to.deep.equal(['as', 'cs', 'es']);
  });

  it('loses nothing to a malformed neighbour', () => {
    const value = aValue({ messages: [null, 7, { id: '' }, aMessage()], statuses: ['x', { status: 'sent' }] });
    const parts = split({ entry: [null, { changes: 3 }, { changes: [null, { field: 'messages', value }] }] });
    expect(parts.messages).to.have.length(1);
    expect(parts.ignored.map((each) => each.reason)).to.deep.equal(Array.from({ length: 7 }, () => 'malformed'));
  });

  it('ignores what belongs to another number, and what is none of ours', () => {
    const foreign = aValue({ metadata: { phone_number_id: '9' }, messages: [aMessage()] });
    const parts = split(
      aBody(
        { field: 'messages', value: foreign },
        { field: 'account_update', value: { event: 'ACCOUNT_DELETED' } },
        { field: 'history', value: aValue({ history: [{ threads: [] }] }) },
        { field: 'smb_app_state_sync', value: aValue({ state_sync: [] }) },
        { field: 'messages', value: aValue({ errors: [{ code: 130429 }] }) },
        { field: 'messages', value: aValue({ messages: [] }) },
      ),
    );
    expect(parts.messages).to.deep.equal([]);
    expect(parts.ignored).to.deep.equal([
      { reason: 'foreign_phone_number', field: 'messages' },
      { reason: 'other_field', field: 'account_update' },
      { reason: 'history', field: 'history' },
      { reason: 'app_state_sync', field: 'smb_app_state_sync' },
      { reason: 'errors_only', field: 'messages' },
      { reason: 'malformed', field: 'messages' },
    ]);
  });

  it('takes what is tapped as a choice, whatever the vendor calls it', () => {
    const context = { from: '1', id: 'wamid.out' };
    const reply = { id: 'unit:1', title: 'Arrayán' };
    const button = read(
      aMessage({ type: 'interactive', context, interactive: { type: 'button_reply', button_reply: reply } }),
    );
    const row = read(
      aMessage({ type: 'interactive', context, interactive: { type: 'list_reply', list_reply: reply } }),
    );
    const quick = read(aMessage({ type: 'button', context, button: { payload: 'unit:1', text: 'Arrayán' } }));
    for (const message of [button, row, quick]) {
      expect(message).to.deep.include({ type: 'choice', choice: reply, text: 'Arrayán', replyTo: 'wamid.out' });
    }
    expect(read(aMessage({ type: 'interactive' })).type).to.equal('unsupported');
    const nfm = { type: 'nfm_reply', nfm_reply: { name: 'flow', body: 'Sent', response_json: '{"a":1}' } };
    expect(read(aMessage({ type: 'interactive', interactive: nfm }))).to.deep.include({
      type: 'form',
      form: { name: 'flow', response: '{"a":1}' },
    });
  });

  it('takes a voice note as audio and a caption as text', () => {
    const voice = { id: 'm1', mime_type: 'audio/ogg; codecs=opus', voice: true };
    const told = { id: 'm1', mimeType: 'audio/ogg; codecs=opus', voice: true };
    expect(read(aMessage({ type: 'audio', audio: voice }))).to.deep.include({ type: 'audio', media: told });
    expect(read(aMessage({ type: 'voice', voice: { ...voice, voice: undefined } }))).to.deep.include({
      type: 'audio',
      media: told,
      providerType: 'voice',
    });
    const image = read(aMessage({ type: 'image', image: { id: 'm2', caption: '¿es esta?' } }));
    expect(image).to.deep.include({ type: 'image', text: '¿es esta?', media: { id: 'm2', caption: '¿es esta?' } });
    expect(read(aMessage({ type: 'image', image: {} })).type).to.equal('unsupported');
  });

  it('reads each field for itself: one of a wrong kind spoils no other', () => {
    const message = JSON.parse(
      `{"id":"wamid.1","from":5492944000001,"timestamp":1e999,"type":"image","context":[],"referral":7,
        "image":{"id":12,"mime_type":{},"voice":"yes","caption":"sí"},
        "errors":[{"code":"131051","title":true,"message":"odd","error_data":null},{"code":{"valueOf":1}},null,{"title":"x"}]}`,
    ) as Json;
    expect(read(message)).to.deep.include({
      sentAt: receivedAt.toISOString(),
      type: 'image',
      text: 'sí',
      media: { id: '12', caption: 'sí' },
      errors: [{ code: 131051, title: 'odd' }],
    });
    const edit = { original_message_id: 'wamid.0' };
    expect(read(aMessage({ type: 'edit', edit }))).to.deep.include({ type: 'edit', original: 'wamid.0' });
    const location = { latitude: ' -41.1 ', longitude: '' };
    expect(read(aMessage({ type: 'location', location })).location).to.deep.equal({ latitude: -41.1 });
  });

  it('reads locations, reactions, edits, revocations and unknown types', () => {
    const place = { latitude: '-41.13', longitude: -71.3, name: 'Centro' };
    expect(read(aMessage({ type: 'location', location: place })).location).to.deep.equal({
      latitude: -41.13,
      longitude: -71.3,
      name: 'Centro',
    });
    expect(read(aMessage({ type: 'location', location: { latitude: '', longitude: null } })).location).to.deep.equal(
      {},
    );
    expect(read(aMessage({ type: 'reaction', reaction: { message_id: 'w', emoji: '👍' } })).reaction).to.deep.equal({
      messageId: 'w',
      emoji: '👍',
    });
    expect(read(aMessage({ type: 'reaction', reaction: { message_id: 'w', emoji: '' } })).reaction).to.deep.equal({
      messageId: 'w',
    });
    const edit = { original_message_id: 'wamid.0', message: { type: 'text', text: { body: 'del 10 al 14' } } };
    expect(read(aMessage({ type: 'edit', edit }))).to.deep.include({
      type: 'edit',
      text: 'del 10 al 14',
      original: 'wamid.0',
    });
    expect(read(aMessage({ type: 'revoke', revoke: { original_message_id: 'wamid.0' } }))).to.deep.include({
      type: 'revoke',
      original: 'wamid.0',
    });
    const unknown = read(aMessage({ type: 'poll', errors: [{ code: 131051, title: 'Unknown' }] }));
    expect(unknown).to.deep.include({ type: 'unsupported', providerType: 'poll' });
    expect(unknown.errors).to.deep.equal([{ code: 131051, title: 'Unknown' }]);
    expect(read(aMessage({ group_id: 'g1' })).groupId).to.equal('g1');
  });

  describe('contacts', () => {
    const contacts = (entry: Json): Json => ({ contacts: [{ profile: { name: 'Ana' }, ...entry }] });

    it('knows a guest without a number by the business-scoped id', () => {
      const byContact = read(aMessage({ from: undefined }), contacts({ user_id: 'AR.13491208' }));
      const byMessage = read(aMessage({ from: undefined, from_user_id: 'AR.13491208' }), contacts({}));
      const inFrom = read(aMessage({ from: 'AR.13491208' }), contacts({ wa_id: 'AR.13491208' }));
      for (const { contact } of [byContact, byMessage, inFrom]) {
        expect(contact).to.deep.equal({ bsuid: 'AR.13491208', profileName: 'Ana' });
      }
    });

    it('takes an odd user id only when there is nothing else', () => {
      expect(read(aMessage({ from_user_id: 'foo_bar' }), contacts({ user_id: 'foo_bar' })).contact).to.deep.equal({
        phone: '5492944000001',
        profileName: 'Ana',
      });
      expect(read(aMessage({ from: undefined }), contacts({ user_id: 'X_1' })).contact.bsuid).to.equal('X_1');
    });

    it('finds the sender among several contacts', () => {
      const several = {
        contacts: [
          { wa_id: '1', profile: { name: 'B' } },
          { wa_id: '5492944000001', profile: { name: 'A' } },
        ],
      };
      expect(read(aMessage(), several).contact.profileName).to.equal('A');
      expect(read(aMessage({ from: '77' }), several).contact).to.deep.equal({ phone: '77' });
    });

    it('ignores a message of nobody', () => {
      const value = aValue({ contacts: [{ profile: { name: 'Ana' } }], messages: [aMessage({ from: undefined })] });
      expect(split(aBody({ field: 'messages', value })).ignored).to.deep.equal([
        { reason: 'no_sender', field: 'messages' },
      ]);
    });
  });

  it('reads a changed number and a changed user id', () => {
    const number = { type: 'user_changed_number', wa_id: '5492944000002', body: 'User A changed from 1 to 2' };
    expect(read(aMessage({ type: 'system', system: number }))).to.deep.include({
      type: 'system',
      system: { type: 'user_changed_number', body: 'User A changed from 1 to 2', newWaId: '5492944000002' },
    });
    const told = { type: 'user_changed_user_id', previous_user_id: 'AR.1', user_id: 'AR.2' };
    const changed = read(aMessage({ from: undefined, type: 'system', system: told }), {
      contacts: [{ user_id: 'AR.2' }],
    });
    expect(changed.contact.bsuid).to.equal('AR.1');
    expect(changed.system?.newBsuid).to.equal('AR.2');
    const said = { type: 'user_changed_user_id', body: 'User A changed from AR.1 to AR.2' };
    const read2 = read(aMessage({ from: undefined, type: 'system', system: said }), { contacts: [] });
    expect([read2.contact.bsuid, read2.system?.newBsuid]).to.deep.equal(['AR.1', 'AR.2']);
  });

  it('finds who changed the number by the user id of before, where that is all there is', () => {
    const ids = { user_id: 'AR.2', previous_user_id: 'AR.1' };
    const system = { type: 'user_changed_number', wa_id: '5492944000002', ...ids };
    const changed = read(aMessage({ from: undefined, from_user_id: 'AR.2', type: 'system', system }), { contacts: [] });
    expect(changed.contact).to.deep.equal({ bsuid: 'AR.1' });
    expect(changed.system).to.include({ newWaId: '5492944000002', newBsuid: 'AR.2' });
    const old = { type: 'customer_changed_number', customer: '5492944000001', new_wa_id: '5492944000002' };
    const told = read(aMessage({ from: undefined, type: 'system', system: old }), { contacts: [] });
    expect(told.contact).to.deep.equal({ phone: '5492944000001' });
    expect(told.system).to.deep.equal({ type: 'user_changed_number', newWaId: '5492944000002' });
  });

  it('takes an opened chat as one, and whether we may call as nothing said', () => {
    expect(read(aMessage({ type: 'request_welcome', text: undefined }))).to.deep.include({
      type: 'opened',
      providerType: 'request_welcome',
    });
    const reply = { type: 'call_permission_reply', call_permission_reply: { response: 'accept' } };
    expect(read(aMessage({ type: 'interactive', text: undefined, interactive: reply })).type).to.equal('system');
  });

  it('takes the owner’s own message as an echo to its recipient', () => {
    const echo = aMessage({ from: '5491100000000', to: '5492944000001', to_user_id: 'AR.13491208' });
    const parts = split(aBody({ field: 'smb_message_echoes', value: aValue({ message_echoes: [echo] }) }));
    expect(parts.messages[0]).to.deep.include({ type: 'echo', text: 'hola', providerType: 'text' });
    expect(parts.messages[0]?.contact).to.deep.include({ phone: '5492944000001', bsuid: 'AR.13491208' });
  });

  it('takes whole seconds, milliseconds, and otherwise the time of arrival', () => {
    const sentAt = (timestamp: unknown): string => read(aMessage({ timestamp })).sentAt;
    expect(sentAt(1_764_000_000)).to.equal('2025-11-24T16:00:00.000Z');
    expect(sentAt('1764000000000')).to.equal('2025-11-24T16:00:00.000Z');
    for (const odd of [undefined, '', 'soon', -5, 0, {}, '1e99', 4_000_000_000]) {
      expect(sentAt(odd)).to.equal('2026-11-24T15:00:00.000Z');
    }
  });

  it('reads a status with its reasons, our id and its price', () => {
    const status = {
      id: 'wamid.out',
      status: 'failed',
      timestamp: '1764000000',
      recipient_id: '5492944000001',
      recipient_user_id: 'AR.13491208',
      biz_opaque_callback_data: 'message-7',
      errors: [{ code: 131047, title: 'Re-engagement', error_data: { details: 'more than 24 hours' } }, 'junk'],
      pricing: { billable: true, pricing_model: 'PMP', category: 'service' },
    };
    const parts = split(aBody({ field: 'messages', value: aValue({ statuses: [status] }) }));
    expect(parts.statuses).to.deep.equal([
      {
        providerMessageId: 'wamid.out',
        phoneNumberId: ours,
        status: 'failed',
        at: '2025-11-24T16:00:00.000Z',
        receivedAt: '2026-11-24T15:00:00.000Z',
        recipient: { waId: '5492944000001', bsuid: 'AR.13491208' },
        opaqueId: 'message-7',
        errors: [{ code: 131047, title: 'Re-engagement', details: 'more than 24 hours' }],
        pricing: { billable: true, model: 'PMP', category: 'service' },
      },
    ]);
  });

  it('keeps out of the texts what Postgres cannot hold', () => {
    expect(read(aMessage({ text: { body: 'a\0b\ud83d' } })).text).to.equal('ab\ufffd');
  });

  it('never throws, and what it makes passes its own schemas as JSON', () => {
    const anything = fc.anything({
      maxDepth: 2,
      maxKeys: 3,
      withNullPrototype: true,
      withBigInt: true,
      withDate: true,
    });
    const field = fc.constantFrom('messages', 'history', 'calls', undefined);
    const element = fc.record(
      {
        id: fc.oneof(fc.string(), anything),
        from: fc.oneof(fc.string(), anything),
        timestamp: anything,
        type: fc.constantFrom('text', 'image', 'interactive', 'edit', 'system', 'reaction', 'request_welcome', 'x'),
        text: anything,
        image: anything,
        interactive: anything,
        edit: anything,
        system: anything,
        reaction: anything,
        status: anything,
        errors: anything,
      },
      { requiredKeys: [] },
    );
    const value = fc.record({
      messages: fc.array(element, { maxLength: 3 }),
      statuses: fc.array(element, { maxLength: 3 }),
      contacts: anything,
    });
    const body = fc.oneof(
      anything,
      fc.record({
        entry: fc.array(fc.record({ changes: fc.array(fc.record({ field, value }), { maxLength: 3 }) }), {
          maxLength: 3,
        }),
      }),
    );
    fc.assert(
      fc.property(body, (webhook) => {
        const parts = split(webhook);
        for (const message of parts.messages) {
          expect(inboundMessage.parse(JSON.parse(JSON.stringify(message)))).to.deep.equal(message);
        }
        for (const status of parts.statuses) {
          expect(statusUpdate.parse(JSON.parse(JSON.stringify(status)))).to.deep.equal(status);
        }
      }),
      { numRuns: 200 },
    );
  });
});
