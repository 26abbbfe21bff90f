import { expect } from 'chai';
import type { OutboundMessage } from '#shared/integrations/whatsapp/payload.ts';

function length(text: string): number {
  return Array.from(text).length;
}

function expectTitles(titles: readonly string[], limit: number): void {
  for (const title of titles) {
    expect(title.trim(), 'a title').not.to.equal('');
    expect(length(title), `title "${title}"`).to.be.at.most(limit);
    expect(title).not.to.match(/[\n\t]/);
  }
  expect(new Set(titles.map((title) => title.toLowerCase())).size, `titles ${titles.join(', ')} differ`).to.equal(
    titles.length,
  );
}

/** What every message to a guest must satisfy: WhatsApp's limits, and no machine's words in it. */
export function expectSendable(message: OutboundMessage): void {
  if (message.kind === 'template') return;
  if (message.kind === 'image') {
    expect(message.link).to.match(/^https?:/);
    expect(length(message.caption ?? '')).to.be.at.most(1024);
    return;
  }
  expect(message.body.trim(), 'a body').not.to.equal('');
  expect(message.body, 'ISO dates').not.to.match(/(?<!\/\S*)\d{4}-\d{2}-\d{2}/);
  expect(message.body, 'field names and gaps').not.to.match(/checkIn|checkOut|undefined|null|NaN|\[object/);
  if (message.kind === 'text') {
    expect(length(message.body)).to.be.at.most(4096);
    return;
  }
  expect(length(message.body), 'interactive body').to.be.at.most(1024);
  if (message.kind === 'buttons') {
    expect(message.buttons.length).to.be.within(1, 3);
    expectTitles(
      message.buttons.map(({ title }) => title),
      20,
    );
    expectIds(
      message.buttons.map(({ id }) => id),
      256,
    );
    return;
  }
  const rows = message.sections.flatMap((section) => section.rows);
  expect(rows.length).to.be.within(1, 10);
  expectTitles([message.button], 20);
  expectTitles(
    rows.map(({ title }) => title),
    24,
  );
  expectIds(
    rows.map(({ id }) => id),
    200,
  );
  for (const { description } of rows) expect(length(description ?? '')).to.be.at.most(72);
  for (const section of message.sections) {
    expect(section.rows.length).to.be.at.least(1);
    if (message.sections.length > 1 || section.title !== undefined) expectTitles([section.title ?? ''], 24);
  }
}

function expectIds(ids: readonly string[], limit: number): void {
  for (const id of ids) expect(length(id)).to.be.within(1, limit);
  expect(new Set(ids).size, `ids ${ids.join(', ')} differ`).to.equal(ids.length);
}

/** All words of a message that a guest can read. */
export function readable(message: OutboundMessage): string {
  switch (message.kind) {
    case 'text':
      return message.body;
    case 'buttons':
      return [message.body, ...message.buttons.map(({ title }) => `[${title}]`)].join('\n');
    case 'list':
      return [
        message.body,
        `[${message.button}]`,
        ...message.sections.flatMap((s) => [
          ...(s.title === undefined ? [] : [`— ${s.title}`]),
          ...s.rows.map((row) => `[${row.title}] ${row.description ?? ''}`),
        ]),
      ].join('\n');
    case 'image':
      return `(image ${message.link}) ${message.caption ?? ''}`;
    case 'template':
      return message.bodyParameters.join('\n');
  }
}
