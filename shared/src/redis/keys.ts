/** Every Redis key of the product, built in this one place. What belongs to one session carries its id in braces. */

const PREFIX = 'wsg'

/** The prefix that BullMQ puts before its own keys. */
export const QUEUE_PREFIX = `${PREFIX}:bull`

/** Names of BullMQ queues, which allow no colon. */
export const queues = {
  placement: 'placement',
  reconcile: 'reconcile',
} as const

/** BullMQ refuses ids that are integers, and a session may be called `123`. */
export function placementJobId(sessionId: string): string {
  return `place-${sessionId}`
}

export const keys = {
  /** String: the world, `real` or `sandbox`, whose data this Redis holds. Set by the supervisor of one machine. */
  world: `${PREFIX}:world`,
  /** Sorted set: every known session by the time it became known. */
  sessions: `${PREFIX}:sessions`,
  /** Sorted set: the sessions that should run, by 'not before' (epoch ms). Its size is what an autoscaler reads. */
  desired: `${PREFIX}:desired`,
  /** Sorted set: desired sessions that never paired, by the time they were asked for; capped by MAX_UNPAIRED. */
  unpaired: `${PREFIX}:unpaired`,
  /** Sorted set per state: sessions by the time until which their owner's word holds (epoch ms). */
  inState: (status: string) => `${PREFIX}:state:${status}`,
  /** Sorted set: live workers by the time until which their word holds. */
  workers: `${PREFIX}:workers`,
  /** Sorted set: workers that own no session, likewise. */
  idleWorkers: `${PREFIX}:workers:idle`,
  /** Sorted set: every message that waits to be sent, `<session>/<id>` by the time at which it expires. */
  waiting: `${PREFIX}:waiting`,
  /** Sorted set: messages that are not due yet, `<session>/<id>` by the time at which they are. */
  scheduled: `${PREFIX}:scheduled`,
  /** Hash: how often what happened in the whole fleet; the fields are named in `fleet-figures.ts`. */
  figures: `${PREFIX}:figures`,
  /** Sorted set: workers by the memory that they and their browser take (MB). */
  workerMemory: `${PREFIX}:workers:memory`,
  /** Hash: what each worker says of itself (`WorkerDetails`), as JSON. */
  workerDetails: `${PREFIX}:workers:details`,
  /** String: how many messages of an account were acked, `<account>:<day>`, the days (UTC) counted from the epoch. */
  ackedOn: (accountAndDay: string) => `${PREFIX}:acked:${accountAndDay}`,
  /** Hash, BullMQ's: the placement job of a session, while there is one. */
  placementJob: (id: string) => `${QUEUE_PREFIX}:${queues.placement}:${placementJobId(id)}`,
  /** Hash: what is known of a session (`SessionFields`). */
  session: (id: string) => `${PREFIX}:{${id}}:session`,
  /** String with a time to live: the token of the session's owner. */
  lease: (id: string) => `${PREFIX}:{${id}}:lease`,
  /** String: the proxy of a session with its password, as JSON. Nobody is shown it. */
  proxy: (id: string) => `${PREFIX}:{${id}}:proxy`,
  /** List: what happened to a session, the newest first. */
  history: (id: string) => `${PREFIX}:{${id}}:history`,
  /** Hash: one message record. */
  message: (id: string, messageId: string) => `${PREFIX}:{${id}}:message:${messageId}`,
  /** Sorted set: the session's messages in state `queued` that are due, by sequence. It is the session's send queue. */
  queued: (id: string) => `${PREFIX}:{${id}}:queued`,
  /** Sorted set: the session's messages that are not due yet, by the time at which they are. */
  scheduledOf: (id: string) => `${PREFIX}:{${id}}:scheduled`,
  /** String until then: how many messages were scheduled for one instant; it keeps them in order of acceptance. */
  dueAt: (id: string, sendAt: number | string) => `${PREFIX}:{${id}}:due:${sendAt}`,
  /** Sorted set: those of `queued` that are urgent, by sequence. */
  urgent: (id: string) => `${PREFIX}:{${id}}:urgent`,
  /** Sorted set: those of `queued` that go to one recipient as the callers named it, by sequence. */
  recipient: (id: string, recipient: string) => `${PREFIX}:{${id}}:recipient:${recipient}`,
  /** Sorted set per state: the session's messages by the time at which they entered it. */
  messagesIn: (id: string, state: string) => `${PREFIX}:{${id}}:messages:${state}`,
  /** Sorted set: messages with one reference of the caller's, by the time of acceptance. */
  reference: (id: string, reference: string) => `${PREFIX}:{${id}}:reference:${reference}`,
  /** Hash: a batch, with how many of its messages are in which state. */
  batch: (id: string, batchId: string) => `${PREFIX}:{${id}}:batch:${batchId}`,
  /** Sorted set: the messages of a batch by the line on which they were handed over. */
  batchMessages: (id: string, batchId: string) => `${PREFIX}:{${id}}:batch-messages:${batchId}`,
  /** Hash: what the keys of a batch's lines stand for, as with `idempotency`; kept as long as the batch. */
  batchKeys: (id: string, batchId: string) => `${PREFIX}:{${id}}:batch-keys:${batchId}`,
  /** Set: the session's messages in state `sending`. */
  sending: (id: string) => `${PREFIX}:{${id}}:sending`,
  /** String: the body fingerprint and message id that an Idempotency-Key stands for. */
  idempotency: (id: string, keyHash: string) => `${PREFIX}:{${id}}:idempotency:${keyHash}`,
  /** String until then: that a session, or every one (`*`), may use a file of the store. */
  fileRight: (scope: string, fileId: string) => `${PREFIX}:{${scope}}:file:${fileId}`,
  /** String until then: what a file of the store was converted into for a kind of message, as JSON. */
  conversion: (fileId: string, kind: string) => `${PREFIX}:converted:${fileId}:${kind}`,
  /** String until then: which file of the store is the one of a message that WhatsApp has, as JSON. */
  fetchedFile: (id: string, messageId: string) => `${PREFIX}:{${id}}:fetched-file:${messageId}`,
  /** Sorted set: what gateways ask of the session's owner, by the time at which the caller stops waiting (epoch ms). */
  jobs: (id: string) => `${PREFIX}:{${id}}:jobs`,
  /** String: the reply to one job, until its caller read it. */
  reply: (correlationId: string) => `${PREFIX}:reply:${correlationId}`,
  /** Pub/sub: wakes the requests that wait in one gateway. Says which reply or message, and how it stands with a message (`MessageNews`). */
  wake: (gatewayId: string) => `${PREFIX}:wake:${gatewayId}`,
  /** Stream: where the events of all sessions stand, in order. The entries of `events` have the same ids. */
  eventPlaces: `${PREFIX}:events`,
  /** Pub/sub: an event was logged, and of which session; or a webhook has something to deliver and no gateway at work (`due`). */
  eventNews: `${PREFIX}:events:news`,
  /** Stream: the events of a session. */
  events: (id: string) => `${PREFIX}:{${id}}:events`,
  /** Sorted set: ids of the events that were logged, by the time (epoch ms), so that none is logged twice. */
  eventIds: (id: string) => `${PREFIX}:{${id}}:event-ids`,
  /** Hash: the newest message that was heard of each chat, and until when the account was listened to (`heard.ts`). */
  heard: (id: string) => `${PREFIX}:{${id}}:heard`,
  /** Sorted set: full ids of messages that could not be read when they came, by when they were written (unix seconds). */
  unreadable: (id: string) => `${PREFIX}:{${id}}:unreadable`,
  /** String that lives while somebody reads the events of a session, or of all (`*`), as a stream, and may come back to do so. */
  eventsRead: (scope: string) => `${PREFIX}:{${scope}}:events-read`,
  /** Hash: the webhooks of a session, or of all (`*`), by name, as JSON. */
  webhooks: (scope: string) => `${PREFIX}:{${scope}}:webhooks`,
  /** Hash: what each of those that are enabled wants, as texts for a quick look (`webhooks.ts`). */
  webhookFilters: (scope: string) => `${PREFIX}:{${scope}}:webhook-filters`,
  /** Sorted set: webhooks with something to deliver, now or later, `<scope>/<name>` by when a gateway may take them (epoch ms). */
  webhooksDue: `${PREFIX}:webhooks:due`,
  /** String with a time to live: the gateway that delivers for a webhook. */
  webhookOwner: (scope: string, name: string) => `${PREFIX}:{${scope}}:webhook:${name}:owner`,
  /** Sorted set per status: deliveries of a webhook, `<session>/<position>/<event id>/<chat>`, by when they came to it, or are due (epoch ms). */
  deliveries: (scope: string, name: string, status: string) =>
    `${PREFIX}:{${scope}}:webhook:${name}:deliveries:${status}`,
  /** Hash: what is known of deliveries that were tried, by event id, as JSON. */
  attempts: (scope: string, name: string) => `${PREFIX}:{${scope}}:webhook:${name}:attempts`,
  /** String: how many deliveries of a webhook were dropped, since their events were not kept any more. */
  droppedDeliveries: (scope: string, name: string) => `${PREFIX}:{${scope}}:webhook:${name}:dropped`,
  /** Hash: the tokens that were issued, by their SHA-256, as JSON. */
  tokens: `${PREFIX}:tokens`,
  /** Hash: when each of them was used last (epoch ms), by their SHA-256. */
  tokensUsed: `${PREFIX}:tokens:used`,
  /** Pub/sub: a token was issued or revoked. */
  tokenNews: `${PREFIX}:tokens:news`,
  /** String until the time is over: how often something was done in it. */
  counter: (what: string) => `${PREFIX}:counter:${what}`,
  /** Stream: what was changed, and by whom. */
  audit: `${PREFIX}:audit`,
  /** Pub/sub: tells the owner of a session in one word what has changed; the words are in `session-notifications.ts`. */
  notifications: (id: string) => `${PREFIX}:{${id}}:notifications`,
} as const
