import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import type { Backend } from '../support/both-backends.ts';
import { createSpeechSimulator } from '#shared/integrations/openai/simulator.ts';
import { compileCache } from '../support/compile-cache.ts';
import { eventually } from '../support/eventually.ts';
import { makeNote } from '../support/voice-notes.ts';
import { newPhone, openGraph, postMessage, type Graph, type Sent } from './guests.ts';
import { percentile, type Row } from './rows.ts';
import { openStage, residentMegabytes, type Stage } from './stage.ts';

export type LoadOptions = { short: boolean; backends: readonly Backend[]; soak: boolean };
export type LoadReport = { rows: Row[]; violations: string[]; series: { name: string; latenciesMs: number[] }[] };

/** What guests write; none of it may fail to be understood, all of it asks the database something. */
const questions = [
  'hola, hay lugar del 10 al 14 de marzo para 2?',
  'cuanto sale del 5 al 8 de abril para 4 personas?',
  'tienen wifi?',
  'del 20 al 22 de mayo, somos 3',
  'hola!',
];

/** Not answered by then counts as lost. On a busy machine the last of twenty notes waits for the decoding of the others. */
const patienceMs = { text: 30_000, note: 90_000 };
/** At once: so many guests who write, and so many who speak. */
const crowd = 20;

/**
 * Load on real processes (one API, one worker process with all pools) and real stores: twenty conversations in writing beside
 * twenty voice notes (the speech service is the simulator, in this process), idle single messages, sustained open-loop traffic, a burst, and on request a soak. Latency runs from the moment a webhook was due (so a late sender counts
 * against us, not for us) to the Graph call received.
 */
export async function runLoad({ short, backends, soak }: LoadOptions): Promise<LoadReport> {
  const report: LoadReport = { rows: [], violations: [], series: [] };
  const p95: Partial<Record<Backend, number>> = {};
  for (const backend of backends) {
    const stage = await openStage(backend);
    const graph = await openGraph();
    const speech = createSpeechSimulator();
    try {
      stage.variables['OPENAI_BASE_URL'] = `${(await speech.listen()).url}/v1`;
      const run: Run = { ...(await startHouse(stage, graph)), graph, stage, report, backend };
      await warmUp(run);
      await talkAndSpeak(run, short ? 3 : 10);
      await idle(run, short ? 20 : 60);
      p95[backend] = await sustained(run, 30, short ? 8 : 60);
      await burst(run, short ? 300 : 1_000);
      await burstOfFew(run, short ? 300 : 1_000, short ? 30 : 100);
      if (soak) await soakFor(run, short ? 20 : 600);
      await checkNothingIsLeft(run);
    } finally {
      await stage.close();
      await graph.close();
      await speech.close();
    }
  }
  if (p95.redis !== undefined && p95.postgres !== undefined)
    report.rows.push({
      name: 'sustained P95, PostgreSQL backend',
      value: p95.postgres,
      unit: 'ms',
      ratio: { of: 'Redis', value: p95.postgres / p95.redis },
      target: { text: '≤ 2 ×', isMet: p95.postgres <= 2 * p95.redis },
    });
  return report;
}

type House = { port: string; processes: { API: number; worker: number } };
type Run = House & { graph: Graph; stage: Stage; report: LoadReport; backend: Backend };

async function startHouse(stage: Stage, graph: Graph): Promise<House> {
  stage.variables['WHATSAPP_API_URL'] = `${graph.url}/v26.0`;
  stage.variables['MERCADOPAGO_API_URL'] = graph.url;
  const [api, worker] = await Promise.all([
    stage.spawn('api/server.ts', [], /"port":(\d+)/, compileCache),
    stage.spawn('workers/main.ts', [], /"working"/, compileCache),
  ]);
  // It listens before it has reached its stores.
  await eventually(async () => expect((await fetch(`http://127.0.0.1:${api.match}/readyz`)).status).to.equal(200));
  return { port: api.match, processes: { API: api.child.pid!, worker: worker.child.pid! } };
}

/** Sends one message (a text, unless it says otherwise) and waits for its answer; milliseconds, or undefined when patience ends. */
async function ask(
  { port, graph, report }: Run,
  phone: string,
  sent: string | Sent,
  dueAt = performance.now(),
): Promise<number | undefined> {
  const before = graph.sendsTo(phone).length;
  const message = typeof sent === 'string' ? { text: sent } : sent;
  const patience = 'note' in message ? patienceMs.note : patienceMs.text;
  const status = await postMessage(port, phone, message);
  if (status !== 200) report.violations.push(`a webhook was answered ${status}`);
  const sentAt = await graph.waitForSend(phone, before, dueAt + patience - performance.now());
  if (sentAt !== undefined) return sentAt - dueAt;
  report.violations.push(`a message was not answered within ${patience / 1_000} s`);
  return undefined;
}

async function warmUp(run: Run): Promise<void> {
  for (let i = 0; i < 10; i++) await ask(run, newPhone(), questions[i % questions.length]!);
}

/** The crowd, at once: each who writes sends so many messages, the next when the answer is there; each who speaks one note. */
async function talkAndSpeak(run: Run, turns: number): Promise<void> {
  const note = run.graph.addNote(await makeNote({ seconds: 15, transcript: 'hola, ¿hay lugar el finde para cuatro?' }));
  await ask(run, newPhone(), { note }); // fluent-ffmpeg asks once per process what ffmpeg can do
  const talk = async (): Promise<number[]> => {
    const phone = newPhone();
    const latencies: number[] = [];
    for (let i = 0; i < turns; i++)
      latencies.push((await ask(run, phone, questions[i % questions.length]!)) ?? Number.NaN);
    return latencies;
  };
  const speak = async (): Promise<number> => (await ask(run, newPhone(), { note })) ?? Number.NaN;
  const times = <T>(work: () => Promise<T>): Promise<T[]> => Promise.all(Array.from({ length: crowd }, work));
  const [texts, notes] = await Promise.all([times(talk).then((each) => each.flat()), times(speak)]);
  const name = (what: string): string => `${what} of ${crowd} guests who write beside ${crowd} who speak`;
  record(run, name('texts'), texts, { percent: 95, atMostMs: 3_000 });
  record(run, name('voice notes'), notes, { percent: 95, atMostMs: 15_000 });
  const all = [...texts, ...notes];
  const failed = (100 * all.filter((ms) => Number.isNaN(ms)).length) / all.length;
  run.report.rows.push({
    name: `errors, ${crowd} who write and ${crowd} who speak (${run.backend})`,
    value: failed,
    unit: '%',
    target: { text: '≤ 1 %', isMet: failed <= 1 },
  });
}

async function idle(run: Run, count: number): Promise<void> {
  const latencies: number[] = [];
  for (let i = 0; i < count; i++) {
    latencies.push((await ask(run, newPhone(), questions[i % questions.length]!)) ?? Number.NaN);
    await sleep(50);
  }
  record(run, 'idle single message', latencies, { percent: 50, atMostMs: 40 });
}

/** Open loop: each message leaves when it is due, whatever became of those before. */
async function sustained(run: Run, perSecond: number, seconds: number): Promise<number> {
  const startedAt = performance.now() + 100;
  const latencies = await Promise.all(
    Array.from({ length: perSecond * seconds }, async (_, i) => {
      const dueAt = startedAt + (i * 1_000) / perSecond;
      await sleep(Math.max(0, dueAt - performance.now()));
      return (await ask(run, newPhone(), questions[i % questions.length]!, dueAt)) ?? Number.NaN;
    }),
  );
  return record(run, `${perSecond} messages/s for ${seconds} s`, latencies, { percent: 95, atMostMs: 250 });
}

/** Queues in PostgreSQL may take twice as long. */
function burstPromise({ backend }: Run): { percent: number; atMostMs: number } {
  return { percent: 95, atMostMs: backend === 'redis' ? 3_000 : 6_000 };
}

async function burst(run: Run, count: number): Promise<void> {
  const startedAt = performance.now();
  const latencies = await Promise.all(
    Array.from({ length: count }, async (_, i) => {
      const dueAt = startedAt + (i * 1_000) / count;
      await sleep(Math.max(0, dueAt - performance.now()));
      return (await ask(run, newPhone(), questions[i % questions.length]!, dueAt)) ?? Number.NaN;
    }),
  );
  record(run, `burst of ${count} in one second`, latencies, burstPromise(run));
}

/** As many messages from guests who write on without waiting: what waits is answered together, in each guest's order. */
async function burstOfFew(run: Run, count: number, guests: number): Promise<void> {
  const phones = Array.from({ length: guests }, newPhone);
  const startedAt = Date.now();
  const dueAt = (i: number): number => startedAt + (i * 1_000) / count;
  await Promise.all(
    Array.from({ length: count }, async (_, i) => {
      await sleep(Math.max(0, dueAt(i) - Date.now()));
      const text = questions[i % questions.length]!;
      const status = await postMessage(run.port, phones[i % guests]!, { text }, `wamid.burst.${i}`);
      if (status !== 200) run.report.violations.push(`a webhook was answered ${status}`);
    }),
  );
  const answered = await readAnswers(run, count, patienceMs.text);
  const latencies = answered.map(({ i, sentAtMs }) => sentAtMs - dueAt(i));
  record(run, `burst of ${count} in one second from ${guests} guests`, latencies, burstPromise(run));
}

/** Of each message of the burst when the answer that covers it was sent (Unix ms): the first to it or to a later one of its guest. */
async function readAnswers(run: Run, count: number, patience: number): Promise<{ i: number; sentAtMs: number }[]> {
  const until = Date.now() + patience;
  for (;;) {
    const rows: { i: number; sentAtMs: number }[] = await run.stage.database.query(
      `SELECT substring(m.provider_message_id FROM 'burst\\.(\\d+)')::int AS i, extract(epoch FROM a.sent_at)::float8 * 1000 AS "sentAtMs"
       FROM inbound_messages m, LATERAL (
         SELECT o.sent_at FROM outbound_messages o JOIN inbound_messages n ON n.id = o.answers_message_id
         WHERE o.conversation_id = m.conversation_id AND o.state = 'sent' AND (n.sent_at, n.id) >= (m.sent_at, m.id)
         ORDER BY n.sent_at, n.id, o.id LIMIT 1) a
       WHERE m.provider_message_id LIKE 'wamid.burst.%' AND m.state = 'answered'`,
    );
    if (rows.length === count) return rows;
    if (Date.now() > until) {
      run.report.violations.push(
        `${count - rows.length} messages of a burst were not answered within ${patience / 1_000} s`,
      );
      return rows;
    }
    await sleep(500);
  }
}

/** Memory may grow so much from the first third of a soak to its last: what is beyond is no cache that fills. */
const mostGrowth = 1.25;

/** Steady traffic; the memory of API and worker must be flat once they are warm. */
async function soakFor(run: Run, seconds: number): Promise<void> {
  const samples: Record<string, number[]> = {};
  const sample = async (): Promise<void> => {
    for (const [name, pid] of Object.entries(run.processes)) (samples[name] ??= []).push(await residentMegabytes(pid));
  };
  const timer = setInterval(() => void sample(), 1_000);
  await sustained(run, 10, seconds);
  clearInterval(timer);
  for (const [name, sizes] of Object.entries(samples)) {
    const third = Math.floor(sizes.length / 3);
    const [first, last] = [percentile(sizes.slice(0, third), 50), percentile(sizes.slice(-third), 50)];
    const isFlat = last <= mostGrowth * first;
    run.report.rows.push({
      name: `memory of the ${name} at the end of ${seconds} s (${run.backend})`,
      value: last,
      unit: 'MB',
      ratio: { of: 'the first third', value: last / first },
      target: { text: `≤ ${mostGrowth} ×`, isMet: isFlat },
    });
    if (!isFlat) run.report.violations.push(`the memory of the ${name} grows (${run.backend})`);
  }
}

function record(
  { report, backend }: Run,
  name: string,
  latencies: number[],
  promise: { percent: number; atMostMs: number },
): number {
  const series = latencies.filter((ms) => !Number.isNaN(ms));
  report.series.push({ name: `${name} (${backend})`, latenciesMs: series });
  for (const percent of [50, 95, 99]) {
    const value = percentile(series, percent);
    const isPromised = percent === promise.percent;
    report.rows.push({
      name: `${name}, P${percent} (${backend})`,
      value,
      unit: 'ms',
      ...(isPromised ? { target: { text: `≤ ${promise.atMostMs} ms`, isMet: value <= promise.atMostMs } } : {}),
    });
  }
  return percentile(series, 95);
}

/** After quiet: every message answered, everything sent, in order per guest. */
async function checkNothingIsLeft({ stage, report, backend }: Run): Promise<void> {
  const [row]: { unanswered: number; unheard: number; unsent: number; disordered: number }[] =
    await stage.database.query(
      `SELECT (SELECT count(*)::int FROM inbound_messages WHERE state <> 'answered') AS unanswered,
            (SELECT count(*)::int FROM inbound_messages WHERE media_problem IS NOT NULL) AS unheard,
            (SELECT count(*)::int FROM outbound_messages WHERE state <> 'sent') AS unsent,
            (SELECT count(*)::int FROM outbound_messages a JOIN outbound_messages b
               ON a.conversation_id = b.conversation_id AND a.id < b.id AND a.sent_at > b.sent_at) AS disordered`,
    );
  for (const [what, count] of Object.entries(row!))
    if (count > 0) report.violations.push(`${count} ${what} (${backend})`);
}
