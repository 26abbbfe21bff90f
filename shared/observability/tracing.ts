import { context, propagation, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import type { Span } from '@opentelemetry/api';
import type { BullMQOtel } from 'bullmq-otel';

/** Traces of one process; `close` sends what is still here. */
export type Tracing = { close(): Promise<void> };

/** What `new Queue` and `new Worker` get while traces are on, so that a job goes on with the trace of who enqueued it. */
let telemetry: BullMQOtel | undefined;

const tracerName = 'posada';

/**
 * Switches traces on for this process, before queues are opened, and sends them by OTLP over HTTP to `<endpoint>/v1/traces`. Without
 * an endpoint nothing is loaded and nothing costs. Spans carry names, routes and ids, never a body, a text or an address.
 */
export async function startTracing(endpoint: string | undefined, service: string): Promise<Tracing> {
  if (endpoint === undefined) return { close: () => Promise.resolve() };
  const [
    { AsyncLocalStorageContextManager },
    { W3CTraceContextPropagator },
    { OTLPTraceExporter },
    { resourceFromAttributes },
    sdk,
    otel,
  ] = await Promise.all([
    import('@opentelemetry/context-async-hooks'),
    import('@opentelemetry/core'),
    import('@opentelemetry/exporter-trace-otlp-http'),
    import('@opentelemetry/resources'),
    import('@opentelemetry/sdk-trace'),
    import('bullmq-otel'),
  ]);
  const provider = new sdk.TracerProvider({
    resource: resourceFromAttributes({ 'service.name': service }),
    spanProcessors: [
      new sdk.BatchSpanProcessor({
        exporter: new OTLPTraceExporter({ url: `${endpoint}/v1/traces`, timeoutMillis: 5_000 }),
        scheduledDelayMillis: 1_000,
        exportTimeoutMillis: 5_000,
      }),
    ],
  });
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  propagation.setGlobalPropagator(new W3CTraceContextPropagator());
  trace.setGlobalTracerProvider(provider);
  telemetry = new otel.BullMQOtel({ tracerName });
  return {
    async close() {
      telemetry = undefined;
      await provider.shutdown().catch(() => {}); // a collector that is away must not keep the process
      trace.disable();
      propagation.disable();
      context.disable();
    },
  };
}

/** Whether spans go anywhere. */
export function isTracing(): boolean {
  return telemetry !== undefined;
}

/** The option of a queue or worker; nothing while traces are off. */
export function queueTelemetry(): { telemetry?: BullMQOtel } {
  return telemetry === undefined ? {} : { telemetry };
}

/**
 * The running trace as a job's option, for jobs that are gathered first and added later by somebody else's request; nothing
 * while traces are off or none runs.
 */
export function traceOption(): { telemetry?: { metadata: string } } {
  if (telemetry === undefined || trace.getActiveSpan() === undefined) return {};
  const carrier = {};
  propagation.inject(context.active(), carrier);
  return { telemetry: { metadata: JSON.stringify(carrier) } };
}

type Attributes = Record<string, string | number>;

/** Runs work in a span of its own; while traces are off it is only run. Of an error the kind is told, not the message. */
export function inSpan<T>(
  name: string,
  kind: 'server' | 'client' | 'internal',
  work: (span: Pick<Span, 'setAttributes' | 'updateName'>) => Promise<T>,
  attributes: Attributes = {},
): Promise<T> {
  if (telemetry === undefined) return work(noSpan);
  const kinds = { server: SpanKind.SERVER, client: SpanKind.CLIENT, internal: SpanKind.INTERNAL };
  return trace.getTracer(tracerName).startActiveSpan(name, { kind: kinds[kind], attributes }, async (span) => {
    try {
      return await work(span);
    } catch (error) {
      span.setStatus({ code: SpanStatusCode.ERROR });
      span.setAttributes({ 'error.type': error instanceof Error ? error.name : 'unknown' });
      throw error;
    } finally {
      span.end();
    }
  });
}

const noSpan: Pick<Span, 'setAttributes' | 'updateName'> = trace.wrapSpanContext({
  traceId: '',
  spanId: '',
  traceFlags: 0,
});

/** A vendor's client whose named calls are spans `vendor.call`; the client itself while traces are off. */
export function traceCalls<T extends object>(vendor: string, client: T, calls: readonly (keyof T & string)[]): T {
  if (telemetry === undefined) return client;
  const traced = { ...client };
  for (const name of calls) {
    const call = client[name] as (...args: unknown[]) => Promise<unknown>;
    traced[name] = ((...args: unknown[]) =>
      inSpan(`${vendor}.${name}`, 'client', () => call.apply(client, args))) as T[typeof name];
  }
  return traced;
}
