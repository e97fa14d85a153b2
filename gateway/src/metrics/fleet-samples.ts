import type { WebhookLag } from '@wsg/shared/redis/event/webhook-lags.ts'
import {
  deliveryEnds,
  figures,
  sendLatencyBoundsMs,
  takeovers,
  unackedEnds,
} from '@wsg/shared/redis/worker/fleet-figures.ts'
import type { FleetSnapshot } from '@wsg/shared/redis/worker/fleet-snapshot.ts'
import type { WorkerFigures } from '@wsg/shared/redis/worker/workers.ts'
import { restrictionKinds } from '@wsg/shared/sessions/restriction.ts'
import { historyEvents } from '@wsg/shared/sessions/session-history.ts'
import type { MetricName } from './catalogue.ts'
import type { Sample } from './exposition.ts'

const BYTES_PER_MB = 1_048_576
/** As long as a failing delivery may hold up its chat. */
const BEHIND_AFTER_MS = 5 * 60_000
/** Of so many webhooks at most a figure is shown. */
const MOST_WEBHOOKS = 100

/** All that is known of the fleet at one time. */
export interface FleetReading {
  snapshot: FleetSnapshot
  workers: WorkerFigures
  desired: number
  /** The webhooks that are not up to date. */
  webhooks: readonly WebhookLag[]
  /** What the scripts counted, by `figures`; what never happened is absent. */
  counted: Readonly<Record<string, string>>
  /** How long the reading took, ms. */
  tookMs: number
}

/** What never happened is said to be 0, so that the first time is seen as a change. */
export function toFleetSamples(reading: FleetReading): Partial<Record<MetricName, Sample[]>> {
  const { snapshot, workers, desired, webhooks, tookMs } = reading
  const counted = (field: string) => Number(reading.counted[field] ?? 0)
  const latency = latencySamples(counted)
  return {
    wsg_sessions: snapshot.sessions.map(({ status, reason, count }) => ({
      labels: { state: status, reason },
      value: count,
    })),
    wsg_sessions_desired: one(desired),
    wsg_sessions_owned: one(snapshot.owned),
    wsg_sessions_waiting_for_worker: one(snapshot.waitingForWorker),
    wsg_sessions_degraded: one(snapshot.degraded),
    wsg_sessions_on_page: snapshot.pages.map(({ page, isComplete, count }) => ({
      labels: { page, complete: isComplete ? 'yes' : 'no' },
      value: count,
    })),
    wsg_sessions_restricted: restrictionKinds.map((kind) => ({
      labels: { kind },
      value: snapshot.restricted[kind] ?? 0,
    })),
    wsg_workers: one(workers.total),
    wsg_workers_idle: one(workers.idle),
    wsg_worker_memory_bytes: workers.memory.map(({ workerId, memoryMb }) => ({
      labels: { worker: workerId },
      value: memoryMb * BYTES_PER_MB,
    })),
    wsg_messages_waiting: one(snapshot.messages.queued),
    wsg_messages_waiting_oldest_age_seconds: one(snapshot.oldestQueuedMs / 1_000),
    wsg_messages_sending: one(snapshot.messages.sending),
    wsg_messages_accepted_total: one(counted(figures.accepted)),
    wsg_messages_settled_total: [
      { labels: { outcome: 'sent' }, value: latency.count },
      ...unackedEnds.map((outcome) => ({ labels: { outcome }, value: counted(figures.ended(outcome)) })),
    ],
    wsg_send_latency_seconds: latency.samples,
    wsg_takeovers_total: takeovers.map((kind) => ({
      labels: { kind },
      value: counted(figures.takeover(kind)),
    })),
    wsg_session_events_total: historyEvents.map((event) => ({
      labels: { event },
      value: counted(figures.sessionEvent(event)),
    })),
    wsg_webhook_deliveries_total: deliveryEnds.map((outcome) => ({
      labels: { outcome },
      value: counted(figures.delivery(outcome)),
    })),
    wsg_webhook_attempts_failed_total: one(counted(figures.failedAttempts)),
    wsg_webhooks_behind: one(
      webhooks.filter(({ lagMs, retrying }) => lagMs > BEHIND_AFTER_MS || retrying > 0).length,
    ),
    wsg_webhook_lag_seconds: ofWebhooks(webhooks, ({ lagMs }) => lagMs / 1_000),
    wsg_webhook_retrying: ofWebhooks(webhooks, ({ retrying }) => retrying),
    wsg_fleet_read_seconds: one(tookMs / 1_000),
  }
}

/** Those that have any, the highest first. */
function ofWebhooks(webhooks: readonly WebhookLag[], figure: (webhook: WebhookLag) => number): Sample[] {
  return webhooks
    .map((webhook) => ({ labels: { session: webhook.scope, webhook: webhook.name }, value: figure(webhook) }))
    .filter(({ value }) => value > 0)
    .toSorted((a, b) => b.value - a.value)
    .slice(0, MOST_WEBHOOKS)
}

function one(value: number): Sample[] {
  return [{ value }]
}

/** Counted each in its own bucket, shown as Prometheus wants them: each with all the smaller ones. */
function latencySamples(counted: (field: string) => number): { samples: Sample[]; count: number } {
  let count = 0
  const upTo = (boundMs: number | 'more', le: string): Sample => {
    count += counted(figures.ackedWithin(boundMs))
    return { suffix: '_bucket', labels: { le }, value: count }
  }
  const buckets = sendLatencyBoundsMs.map((boundMs) => upTo(boundMs, String(boundMs / 1_000)))
  buckets.push(upTo('more', '+Inf'))
  const sum: Sample = { suffix: '_sum', value: counted(figures.ackedAfterMs) / 1_000 }
  return { samples: [...buckets, sum, { suffix: '_count', value: count }], count }
}
