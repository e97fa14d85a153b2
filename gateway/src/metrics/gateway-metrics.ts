import type { Logger } from '@wsg/shared/logger.ts'
import { type ConvertedKind, convertedKinds } from '@wsg/shared/messages/kinds/message-kinds.ts'
import type { RedisClient } from '@wsg/shared/redis/connection/redis-client.ts'
import { collectDefaultMetrics, Histogram, Registry } from 'prom-client'
import { isRedisAway } from '../http/redis-fault.ts'
import type { MemoryGuard } from '../messages/memory-guard.ts'
import { isPrivate, type MetricName, metricCatalogue } from './catalogue.ts'
import { expose } from './exposition.ts'
import { FleetReader } from './fleet-reader.ts'
import { toFleetSamples } from './fleet-samples.ts'

/** Up to the 25 s that `/qr` waits: `/send` and `/qr` are slow by design. */
const REQUEST_BUCKETS_SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 30]
const conversionOutcomes = ['converted', 'refused', 'unavailable'] as const
export type ConversionOutcome = (typeof conversionOutcomes)[number]
/** Up to the 90 s that one may take, and 30 s before it. */
const CONVERSION_BUCKETS_SECONDS = [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 30, 60, 90, 120]

/** What this gateway tells Prometheus: of its own process, and of the whole fleet as Redis knows it. */
export class GatewayMetrics {
  readonly contentType = Registry.PROMETHEUS_CONTENT_TYPE
  readonly #registry = new Registry()
  readonly #requests: Histogram<'method' | 'route' | 'status'>
  readonly #conversions: Histogram<'kind' | 'outcome'>
  readonly #fleet: FleetReader
  readonly #memory: MemoryGuard
  readonly #log: Logger

  constructor(parts: { redis: RedisClient; memory: MemoryGuard; log: Logger }) {
    this.#fleet = new FleetReader(parts.redis)
    this.#memory = parts.memory
    this.#log = parts.log
    collectDefaultMetrics({ register: this.#registry })
    this.#requests = this.#histogram('wsg_http_request_duration_seconds', REQUEST_BUCKETS_SECONDS)
    this.#conversions = this.#histogram('wsg_conversion_duration_seconds', CONVERSION_BUCKETS_SECONDS)
    // Shown before there is the first, so that a rate of it is right.
    for (const kind of convertedKinds)
      for (const outcome of conversionOutcomes) this.#conversions.zero({ kind, outcome })
  }

  /** @param route the pattern of the address, never the address itself: it holds ids */
  countRequest(request: { method: string; route: string; status: number; durationMs: number }): void {
    const { method, route, status, durationMs } = request
    this.#requests.observe({ method, route, status }, durationMs / 1_000)
  }

  countConversion(conversion: { kind: ConvertedKind; outcome: ConversionOutcome; durationMs: number }): void {
    const { kind, outcome, durationMs } = conversion
    this.#conversions.observe({ kind, outcome }, durationMs / 1_000)
  }

  /** Everything in Prometheus' text format. Without Redis it holds nothing of the fleet, not even what was read before. */
  async text(options: { withPrivate: boolean }): Promise<string> {
    const [own, fleet] = await Promise.all([this.#registry.metrics(), this.#fleetText(options)])
    return `${own}\n${fleet}`
  }

  #histogram<Name extends MetricName>(name: Name, buckets: number[]) {
    const { help, labels: labelNames } = metricCatalogue[name]
    return new Histogram({ name, help, labelNames, buckets, registers: [this.#registry] })
  }

  async #fleetText({ withPrivate }: { withPrivate: boolean }): Promise<string> {
    try {
      const all = Object.entries(toFleetSamples(await this.#fleet.read()))
      const samples = Object.fromEntries(
        all.filter(([name]) => withPrivate || !isPrivate(name as MetricName)),
      )
      const { evictionPolicy } = await this.#memory.look()
      const ofRedis = {
        wsg_redis_up: [{ value: 1 }],
        wsg_redis_may_evict: [{ value: evictionPolicy === null ? 0 : 1 }],
      }
      return expose({ ...ofRedis, ...samples })
    } catch (error) {
      const isAway = isRedisAway(error)
      if (!isAway) this.#log.error({ err: error }, 'the figures of the fleet could not be read')
      return expose({ wsg_redis_up: [{ value: isAway ? 0 : 1 }] })
    }
  }
}
