import type { Context, Span as OtelSpan, Tracer as OtelTracer } from '@opentelemetry/api'
import pTimeout from 'p-timeout'
import type { CommonConfig } from '../config/common.ts'
import type { Logger } from '../logger.ts'
import type { Span, SpanStart, Tracer } from './tracer.ts'

const SENT_EVERY_MS = 1_000
const CLOSES_WITHIN_MS = 1_000
const WARNED_EVERY_MS = 60_000
const TRACEPARENT = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/

/** @returns null where no collector is configured: nothing is loaded then */
export async function openTracer(
  config: Pick<
    CommonConfig,
    'OTEL_EXPORTER_OTLP_ENDPOINT' | 'OTEL_EXPORTER_OTLP_HEADERS' | 'OTEL_TRACES_SAMPLER_ARG'
  >,
  program: 'gateway' | 'worker',
  log: Logger,
): Promise<Tracer | null> {
  const endpoint = config.OTEL_EXPORTER_OTLP_ENDPOINT
  if (endpoint === undefined) return null
  const [api, sdk, { OTLPTraceExporter }, { resourceFromAttributes }] = await Promise.all([
    import('@opentelemetry/api'),
    import('@opentelemetry/sdk-trace'),
    import('@opentelemetry/exporter-trace-otlp-http'),
    import('@opentelemetry/resources'),
  ])
  warnNowAndThen(api, log)
  const exporter = new OTLPTraceExporter({
    url: `${endpoint.replace(/\/+$/, '')}/v1/traces`,
    headers: config.OTEL_EXPORTER_OTLP_HEADERS ?? {},
  })
  const root = new sdk.TraceIdRatioBasedSampler(config.OTEL_TRACES_SAMPLER_ARG)
  const provider = new sdk.TracerProvider({
    resource: resourceFromAttributes({ 'service.name': `whatsapp-session-${program}` }),
    sampler: new sdk.ParentBasedSampler({ root }),
    spanProcessors: [new sdk.BatchSpanProcessor({ exporter, scheduledDelayMillis: SENT_EVERY_MS })],
  })
  const tracer = provider.getTracer('whatsapp-session-gateway')
  return {
    start: (name, start) => startSpan(api, tracer, name, start),
    async close() {
      await pTimeout(provider.shutdown(), { milliseconds: CLOSES_WITHIN_MS, fallback: () => {} }).catch(
        () => {},
      )
    },
  }
}

type Api = typeof import('@opentelemetry/api')

function startSpan(
  api: Api,
  tracer: OtelTracer,
  name: string,
  { kind, parent, startedAt, attributes }: SpanStart,
): Span {
  const kinds = api.SpanKind
  const options = {
    kind: { server: kinds.SERVER, consumer: kinds.CONSUMER, client: kinds.CLIENT, internal: kinds.INTERNAL }[
      kind
    ],
    attributes,
    ...(startedAt !== undefined && { startTime: startedAt }),
  }
  const span = tracer.startSpan(name, options, contextOf(api, parent))
  return {
    traceparent: span.isRecording() ? traceparentOf(span) : undefined,
    event: (happened) => void span.addEvent(happened),
    end: ({ attributes: more, failure } = {}) => {
      if (more !== undefined) span.setAttributes(more)
      if (failure !== undefined) span.setStatus({ code: api.SpanStatusCode.ERROR, message: failure })
      span.end()
    },
  }
}

function contextOf(api: Api, traceparent: string | undefined): Context {
  const [, traceId, spanId, flags] = TRACEPARENT.exec(traceparent ?? '') ?? []
  if (traceId === undefined || spanId === undefined) return api.ROOT_CONTEXT
  const context = { traceId, spanId, traceFlags: Number.parseInt(flags ?? '0', 16), isRemote: true }
  return api.isSpanContextValid(context)
    ? api.trace.setSpanContext(api.ROOT_CONTEXT, context)
    : api.ROOT_CONTEXT
}

function traceparentOf(span: OtelSpan): string {
  const { traceId, spanId, traceFlags } = span.spanContext()
  return `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}`
}

/** A collector that is away loses spans and nothing else; that is said once a minute. */
function warnNowAndThen(api: Api, log: Logger): void {
  let warnedAt = Number.NEGATIVE_INFINITY
  const warn = () => {
    if (performance.now() - warnedAt < WARNED_EVERY_MS) return
    warnedAt = performance.now()
    log.warn('traces cannot be sent to the collector; they are dropped')
  }
  const nothing = () => {}
  const logger = { error: warn, warn, info: nothing, debug: nothing, verbose: nothing }
  api.diag.setLogger(logger, { logLevel: api.DiagLogLevel.WARN, suppressOverrideMessage: true })
}
