interface MetricDescription {
  type: 'gauge' | 'counter' | 'histogram'
  /** `fleet`: read from Redis, the same at every gateway. `gateway`: of the process that answers. */
  of: 'fleet' | 'gateway'
  labels: readonly string[]
  help: string
  /** It names a worker, a session or a webhook: told only to who has a token. */
  isPrivate?: true
}

/** Every figure of ours at `/metrics`. The documentation is made from it, and alerts may name no other. */
export const metricCatalogue = {
  wsg_sessions: {
    type: 'gauge',
    of: 'fleet',
    labels: ['state', 'reason'],
    help: 'Known sessions by the state and the reason that a caller is shown.',
  },
  wsg_sessions_desired: {
    type: 'gauge',
    of: 'fleet',
    labels: [],
    help: 'Sessions that should run; each wants a worker of its own.',
  },
  wsg_sessions_owned: {
    type: 'gauge',
    of: 'fleet',
    labels: [],
    help: 'Sessions that a worker holds the lease of.',
  },
  wsg_sessions_waiting_for_worker: {
    type: 'gauge',
    of: 'fleet',
    labels: [],
    help: 'Sessions that should run now and that no worker holds.',
  },
  wsg_sessions_degraded: {
    type: 'gauge',
    of: 'fleet',
    labels: [],
    help: 'Sessions whose sends stay without an ack while WhatsApp says that it is connected.',
  },
  wsg_sessions_on_page: {
    type: 'gauge',
    of: 'fleet',
    labels: ['page', 'complete'],
    help: 'Sessions that run, by the version of WhatsApp Web and whether it has all that this service uses (yes) or not (no).',
  },
  wsg_sessions_restricted: {
    type: 'gauge',
    of: 'fleet',
    labels: ['kind'],
    help: 'Sessions whose account WhatsApp restricts, by the kind of restriction.',
  },
  wsg_workers: { type: 'gauge', of: 'fleet', labels: [], help: 'Workers that live.' },
  wsg_workers_idle: { type: 'gauge', of: 'fleet', labels: [], help: 'Workers that own no session.' },
  wsg_worker_memory_bytes: {
    type: 'gauge',
    of: 'fleet',
    labels: ['worker'],
    help: 'Memory of a worker and its browser (proportional share, PSS).',
    isPrivate: true,
  },
  wsg_messages_waiting: {
    type: 'gauge',
    of: 'fleet',
    labels: [],
    help: 'Messages that are accepted and not yet handed to WhatsApp.',
  },
  wsg_messages_waiting_oldest_age_seconds: {
    type: 'gauge',
    of: 'fleet',
    labels: [],
    help: 'For how long the oldest of the waiting messages has waited; 0 where none waits.',
  },
  wsg_messages_sending: {
    type: 'gauge',
    of: 'fleet',
    labels: [],
    help: 'Messages that are being handed to WhatsApp and have no ack yet.',
  },
  wsg_messages_accepted_total: {
    type: 'counter',
    of: 'fleet',
    labels: [],
    help: 'Messages that were accepted; a repeated Idempotency-Key counts once.',
  },
  wsg_messages_settled_total: {
    type: 'counter',
    of: 'fleet',
    labels: ['outcome'],
    help: 'Messages by what became of them: sent (the first ack), failed, expired, canceled or unknown; an unknown one that is acked later counts as both.',
  },
  wsg_send_latency_seconds: {
    type: 'histogram',
    of: 'fleet',
    labels: [],
    help: "From the acceptance of a message to WhatsApp's first ack, waiting included.",
  },
  wsg_takeovers_total: {
    type: 'counter',
    of: 'fleet',
    labels: ['kind'],
    help: 'Sessions that got an owner after one that never let go: its death was certain, or its lease lapsed.',
  },
  wsg_session_events_total: {
    type: 'counter',
    of: 'fleet',
    labels: ['event'],
    help: 'What happened to sessions: hand-overs, faults by kind and all else that their histories name.',
  },
  wsg_webhook_deliveries_total: {
    type: 'counter',
    of: 'fleet',
    labels: ['outcome'],
    help: 'Deliveries to webhooks: delivered; retrying, each time that one goes behind the others because it failed for minutes; dead after a day; dropped because its event was not kept any more.',
  },
  wsg_webhook_attempts_failed_total: {
    type: 'counter',
    of: 'fleet',
    labels: [],
    help: 'Requests to webhooks that were not answered with a 2xx, or not in time.',
  },
  wsg_webhooks_behind: {
    type: 'gauge',
    of: 'fleet',
    labels: [],
    help: 'Webhooks with a delivery that waits for more than five minutes, or failed for so long and is to be tried again.',
  },
  wsg_webhook_lag_seconds: {
    type: 'gauge',
    of: 'fleet',
    labels: ['session', 'webhook'],
    help: 'For how long the oldest delivery that is due waits, of each webhook that has one; `*` stands for all sessions. The 100 furthest behind.',
    isPrivate: true,
  },
  wsg_webhook_retrying: {
    type: 'gauge',
    of: 'fleet',
    labels: ['session', 'webhook'],
    help: 'Deliveries that failed for minutes and are to be tried again, of each webhook that has some. The 100 with most of them.',
    isPrivate: true,
  },
  wsg_fleet_read_seconds: {
    type: 'gauge',
    of: 'gateway',
    labels: [],
    help: 'How long this gateway took to read the figures of the fleet.',
  },
  wsg_redis_may_evict: {
    type: 'gauge',
    of: 'gateway',
    labels: [],
    help: 'Whether the maxmemory-policy of Redis lets it drop messages and logins (1) or not (0).',
  },
  wsg_redis_up: {
    type: 'gauge',
    of: 'gateway',
    labels: [],
    help: 'Whether this gateway reaches Redis (1) or not (0); without it there are no figures of the fleet.',
  },
  wsg_http_request_duration_seconds: {
    type: 'histogram',
    of: 'gateway',
    labels: ['method', 'route', 'status'],
    help: 'Requests by method, pattern of the route and status, and how long they took.',
  },
  wsg_conversion_duration_seconds: {
    type: 'histogram',
    of: 'gateway',
    labels: ['kind', 'outcome'],
    help: 'Files that had to be converted, by the kind of message and what came of it (converted, refused: the file is at fault, unavailable: the converter is), and how long that took.',
  },
} as const satisfies Record<`wsg_${string}`, MetricDescription>

export type MetricName = keyof typeof metricCatalogue

export function isPrivate(name: MetricName): boolean {
  const description: MetricDescription = metricCatalogue[name]
  return description.isPrivate === true
}
