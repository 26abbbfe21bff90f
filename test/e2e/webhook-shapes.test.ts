import { expect } from 'chai';
import { describeOnBothBackends } from '../support/both-backends.ts';
import { eventually } from '../support/eventually.ts';
import { openHouse, type House } from '../support/house.ts';

type Json = Record<string, unknown>;

/** What a webhook says, and what is to become of it: the row's type and state, and whether the guest hears anything. */
type Shape = {
  what: string;
  message?: Json;
  /** What stands beside the message; `null` for contacts: none are told. */
  value?: Json;
  field?: string;
  row?: { type: string; state: string };
  answer?: RegExp;
};

const reply = { id: 'unknown:1', title: 'Hola' };
const context = { from: '5491100000000', id: 'wamid.ours' };
const cannotRead = /no lo puedo leer/;

/** WhatsApp as it really is: Meta's reference of November 2026, in our own words. A message is one row, whatever it is. */
const shapes: readonly Shape[] = [
  { what: 'a text', message: { type: 'text', text: { body: 'hola' } }, row: answered('text'), answer: /asistente/ },
  {
    what: 'a text without a contacts array, with numbers for strings',
    message: { type: 'text', text: { body: 'hola' }, timestamp: Math.floor(Date.now() / 1000) },
    value: { contacts: null },
    row: answered('text'),
    answer: /asistente/,
  },
  {
    what: 'a forwarded text that came through an advertisement, about a product, with fields of tomorrow',
    message: {
      type: 'text',
      text: { body: 'hola', emphasis: [1] },
      context: { forwarded: true, frequently_forwarded: true, referred_product: { catalog_id: '1' } },
      referral: {
        source_type: 'ad',
        source_id: '1',
        ctwa_clid: 'x',
        image: { id: '1' },
        welcome_message: { text: 'x' },
      },
      from_parent_user_id: 'AR.ENT.118157',
      tomorrow: [{}],
    },
    row: answered('text'),
    answer: /asistente/,
  },
  {
    what: 'a button',
    message: { type: 'interactive', context, interactive: { type: 'button_reply', button_reply: reply } },
    row: answered('choice'),
    answer: /./,
  },
  {
    what: 'a row of a list',
    message: { type: 'interactive', interactive: { type: 'list_reply', list_reply: { ...reply, description: 'x' } } },
    row: answered('choice'),
    answer: /./,
  },
  {
    what: "a quick reply of somebody else's template",
    message: { type: 'button', context, button: { payload: '¿Tienen wifi?', text: '¿Tienen wifi?' } },
    row: answered('choice'),
    answer: /wifi/i,
  },
  {
    what: 'the answer of a flow',
    message: {
      type: 'interactive',
      interactive: { type: 'nfm_reply', nfm_reply: { response_json: '{}', body: 'Sent' } },
    },
    row: answered('form'),
    answer: cannotRead,
  },
  {
    what: 'an interactive answer of a kind that is new',
    message: { type: 'interactive', interactive: { type: 'new_reply', new_reply: {} } },
    row: answered('unsupported'),
    answer: cannotRead,
  },
  {
    what: 'leave to call',
    message: {
      type: 'interactive',
      interactive: {
        type: 'call_permission_reply',
        call_permission_reply: { response: 'accept', is_permanent: false },
      },
    },
    row: ignored('system'),
  },
  { what: 'an opened chat', message: { type: 'request_welcome' }, row: answered('opened'), answer: /asistente/ },
  {
    what: 'a picture',
    message: {
      type: 'image',
      image: { id: '1', mime_type: 'image/jpeg', sha256: 'x', url: 'https://lookaside.fbsbx.com/x' },
    },
    row: answered('image'),
    answer: /imagen/,
  },
  {
    what: 'a picture with a question under it',
    message: { type: 'image', image: { id: '1', caption: '¿tienen wifi?' } },
    row: answered('image'),
    answer: /wifi/i,
  },
  { what: 'a video', message: { type: 'video', video: { id: '1' } }, row: answered('video'), answer: /video/ },
  {
    what: 'a file',
    message: { type: 'document', document: { id: '1', filename: 'pago.pdf' } },
    row: answered('document'),
    answer: /archivo/,
  },
  { what: 'a sticker', message: { type: 'sticker', sticker: { id: '1', animated: true } }, row: answered('sticker') },
  {
    what: 'a live location without coordinates',
    message: { type: 'location', location: { live: true } },
    row: answered('location'),
    answer: /ubicación/,
  },
  {
    what: 'a contact, asked for by a template',
    message: { type: 'contacts', origin: 'contact_request', contacts: [{ vcard: 'x', phones: [{ phone: '1' }] }] },
    row: answered('contacts'),
    answer: /contacto/,
  },
  {
    what: 'a reaction',
    message: { type: 'reaction', reaction: { message_id: 'wamid.ours', emoji: '😮' } },
    row: answered('reaction'),
  },
  {
    what: 'an order',
    message: { type: 'order', order: { catalog_id: '1', text: '', product_items: [{ item_price: 1 }] } },
    row: answered('order'),
    answer: cannotRead,
  },
  {
    what: 'what WhatsApp itself does not show',
    message: { type: 'unsupported', unsupported: { type: 'poll' }, errors: [{ code: 131051, title: 'Unknown' }] },
    row: answered('unsupported'),
    answer: cannotRead,
  },
  {
    what: 'an edit of what we never saw',
    message: {
      type: 'edit',
      edit: { original_message_id: 'wamid.x', message: { type: 'text', text: { body: 'hola' } } },
    },
    row: answered('edit'),
    answer: /asistente/,
  },
  {
    what: 'a withdrawal of what we never saw',
    message: { type: 'revoke', revoke: { original_message_id: 'wamid.x' } },
    row: ignored('revoke'),
  },
  {
    what: 'a new number',
    message: { type: 'system', system: { type: 'user_changed_number', wa_id: '5492944000777', body: 'x' } },
    value: { contacts: null },
    row: ignored('system'),
  },
  {
    what: 'a changed identity',
    message: { type: 'system', system: { type: 'customer_identity_changed', identity: 'x', customer: '1' } },
    row: ignored('system'),
  },
  {
    what: 'a text in a group',
    message: { type: 'text', text: { body: 'hola' }, group_id: 'Y2FwaV9ncm91cDox' },
    row: ignored('text'),
  },
  {
    what: 'a voice note in a group',
    message: { type: 'audio', audio: { id: '1', voice: true }, group_id: 'Y2FwaV9ncm91cDox' },
    row: ignored('audio'),
  },
  {
    what: 'a text that goes to another app of ours',
    field: 'standby',
    message: { type: 'text', text: { body: 'hola' } },
  },
  { what: 'a text of long ago', field: 'history', message: { type: 'text', text: { body: 'hola' } } },
  { what: 'a call', field: 'calls', value: { calls: [{ id: 'wacid.1', event: 'connect', session: { sdp: 'v=0' } }] } },
  {
    what: 'the status of a call',
    field: 'calls',
    value: { statuses: [{ id: 'wacid.1', type: 'call', status: 'RINGING', recipient_id: '5492944000778' }] },
  },
  {
    what: 'a status about none of ours, with a price and a conversation',
    value: {
      contacts: [{ wa_id: '5492944000778', user_id: 'AR.9' }],
      statuses: [
        {
          id: 'wamid.none',
          status: 'played',
          recipient_id: '5492944000778',
          recipient_user_id: 'AR.9',
          conversation: { id: 'x', expiration_timestamp: '1', origin: { type: 'utility' } },
          pricing: { billable: false, pricing_model: 'PMP', type: 'free_customer_service', category: 'service' },
        },
      ],
    },
  },
  { what: 'an error of the account', value: { errors: [{ code: 130429, title: 'x' }] } },
  { what: 'a preference', field: 'user_preferences', value: { user_preferences: [{ value: 'stop' }] } },
  { what: 'who joined a group', field: 'group_participants_update', value: { groups: [{ group_id: '1' }] } },
  { what: 'a contact of the phone', field: 'smb_app_state_sync', value: { state_sync: [{ action: 'add' }] } },
  { what: 'a refused history', field: 'history', value: { history: [{ errors: [{ code: 2593109 }] }] } },
  ...[
    'account_alerts',
    'account_review_update',
    'account_update',
    'business_capability_update',
    'flows',
    'message_template_components_update',
    'message_template_quality_update',
    'message_template_status_update',
    'messaging_handovers',
    'partner_solutions',
    'payment_configuration_update',
    'phone_number_name_update',
    'phone_number_quality_update',
    'security',
    'template_category_update',
    'tomorrow',
  ].map((field) => ({ what: field, field, value: { metadata: undefined, event: 'SOMETHING', id: 1 } })),
];

function answered(type: string): { type: string; state: string } {
  return { type, state: 'answered' };
}

function ignored(type: string): { type: string; state: string } {
  return { type, state: 'ignored' };
}

describeOnBothBackends('every shape that a webhook of WhatsApp has', function (backend) {
  this.timeout(90_000);
  let house: House;
  const phoneOf = (index: number): string => `5492944${String(600_000 + index)}`;
  const idOf = (index: number): string => `wamid.shape-${backend}-${index}`;

  function bodyOf({ message, value, field = 'messages' }: Shape, index: number): Json {
    const from = phoneOf(index);
    const timestamp = String(Math.floor(Date.now() / 1000));
    const told = {
      messaging_product: 'whatsapp',
      metadata: { display_phone_number: '5491100000000', phone_number_id: '100200300' },
      ...(message ? { contacts: [{ profile: { name: 'Ana', username: 'ana' }, wa_id: from }] } : {}),
      ...(message ? { messages: [{ id: idOf(index), from, timestamp, ...message }] } : {}),
      ...value,
    };
    return { object: 'whatsapp_business_account', entry: [{ id: '1', changes: [{ value: told, field }] }] };
  }

  before(async () => {
    house = await openHouse(backend);
    const statuses = await Promise.all(shapes.map((shape, index) => house.whatsapp.post(bodyOf(shape, index), 2)));
    expect(statuses.flat()).to.deep.equal(Array.from({ length: shapes.length * 2 }, () => 200));
    await eventually(
      async () => {
        const [row] = await house.database.query(
          `SELECT (SELECT count(*) FROM inbound_messages WHERE state IN ('answered', 'ignored'))::int AS done,
                  (SELECT count(*) FROM outbound_messages WHERE state IN ('unsent', 'sending'))::int AS waiting`,
        );
        expect(row).to.deep.equal({ done: shapes.filter(({ row: own }) => own).length, waiting: 0 });
      },
      { timeoutMs: 60_000 },
    );
  });
  after(() => house.close());

  for (const [index, { what, row, answer }] of shapes.entries())
    it(`${what}: ${row ? `one row, ${answer ? 'an answer' : 'silence'}` : 'none of ours'}`, async () => {
      const rows = await house.database.query(
        `SELECT m.type, m.state, i.value AS phone FROM inbound_messages m JOIN conversations c ON c.id = m.conversation_id
         JOIN contact_identities i ON i.contact_id = c.contact_id AND i.value = $2 WHERE m.provider_message_id = $1`,
        [idOf(index), phoneOf(index)],
      );
      expect(rows).to.deep.equal(row ? [{ ...row, phone: phoneOf(index) }] : []);
      const heard = house.whatsapp.sent(phoneOf(index));
      expect(heard).to.have.length(answer ? 1 : 0);
      if (answer) expect(heard[0]!.text).to.match(answer);
    });

  it('and nobody else hears anything', () => {
    const guests = new Set(shapes.flatMap(({ answer }, index) => (answer ? [phoneOf(index)] : [])));
    for (const { to } of house.whatsapp.sent()) expect(guests).to.include(to);
  });
});
