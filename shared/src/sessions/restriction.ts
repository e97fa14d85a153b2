import { z } from 'zod'

interface RestrictionEntry {
  /** What it keeps from going out. */
  concerns: 'new_chats' | 'everything'
  /** What it is, and what the account's owner can do. */
  meaning: string
}

/** What WhatsApp can keep an account from. It says neither how long a restriction lasts nor that it has ended. */
const restrictionCatalogue = {
  reach_out_time_lock: {
    concerns: 'new_chats',
    meaning:
      'WhatsApp does not let this account begin new chats for a while. Messages to new chats wait; all others go. After the pause one of them is tried; POST /queue/resume tries it at once. Write to fewer strangers.',
  },
  new_chat_cap: {
    concerns: 'new_chats',
    meaning:
      'This account has begun as many new chats as WhatsApp lets it for now. Messages to new chats wait; all others go. After the pause one of them is tried; POST /queue/resume tries it at once.',
  },
  account_blocked: {
    concerns: 'everything',
    meaning:
      'WhatsApp has blocked this account, for a time or for good. Open WhatsApp on the phone: it says why, and how to ask for a review.',
  },
  proxy_blocked: {
    concerns: 'everything',
    meaning:
      'WhatsApp refuses the network or proxy that this session comes from. Give it another way out with PUT /session {proxy}.',
  },
} as const satisfies Record<string, RestrictionEntry>

export type RestrictionKind = keyof typeof restrictionCatalogue
export const restrictionKinds = Object.keys(restrictionCatalogue) as [RestrictionKind, ...RestrictionKind[]]

/** Whether WhatsApp does not even let the account in. */
export function restrictsEverything(kind: string | undefined): kind is 'account_blocked' | 'proxy_blocked' {
  const entry = restrictionKinds.find((known) => known === kind)
  return entry !== undefined && restrictionCatalogue[entry].concerns === 'everything'
}

/** What WhatsApp's server refuses a message with, where it is not about that message alone. */
const byRefusal: Readonly<Record<number, RestrictionKind>> = {
  463: 'reach_out_time_lock',
  475: 'new_chat_cap',
}

/** @returns null for a refusal that says nothing about the account */
export function restrictionOf(refusal: number): RestrictionKind | null {
  return byRefusal[refusal] ?? null
}

export const restrictionSchema = z.object({
  kind: z.enum(restrictionKinds),
  since: z.iso.datetime(),
  until: z.iso
    .datetime()
    .optional()
    .describe('When it is looked whether it still holds. Absent where that may happen at any time.'),
  concerns: z.enum(['new_chats', 'everything']).describe('What does not go out meanwhile.'),
  meaning: z.string().describe('What it is, and what can be done.'),
})

/** The first pause, and the longest: each restriction that is met again after a pause doubles it. */
const FIRST_PAUSE_MS = 3_600_000
const LONGEST_PAUSE_MS = 24 * 3_600_000

/** @param met how often in a row it was met again after a pause */
export function restrictionPauseMs(met: number): number {
  return Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** met)
}

/** What a session's hash keeps of it, by the word of its owner alone. Times are epoch ms by Redis' clock. */
export interface RestrictionFields {
  restriction: string
  restrictedSince: string
  restrictedUntil: string
  /** How often in a row it was met again after a pause. */
  restrictionMet: string
}

/** @param fields `resumedAt`: when somebody last had the queue go on @returns null where there is none */
export function fromRestrictionFields(
  fields: Partial<RestrictionFields> & { resumedAt?: string },
): z.infer<typeof restrictionSchema> | null {
  const { restriction, restrictedSince = '0', restrictedUntil, restrictionMet = 0, resumedAt } = fields
  const kind = restrictionKinds.find((known) => known === restriction)
  if (kind === undefined) return null
  const pause = { until: Number(restrictedUntil ?? 0), met: Number(restrictionMet) }
  const until = pauseEnd(pause, resumedAt === undefined ? null : Number(resumedAt))
  return {
    kind,
    since: new Date(Number(restrictedSince)).toISOString(),
    ...(until > 0 && { until: new Date(until).toISOString() }),
    ...restrictionCatalogue[kind],
  }
}

/** One under which new chats have to wait. Times are epoch ms by Redis' clock. */
export interface NewChatRestriction {
  kind: RestrictionKind
  since: number
  /** When the next message to a new chat may be tried, unless somebody has the queue go on before. */
  until: number
  /** How often in a row it was met again after a pause. */
  met: number
}

/** @returns null where new chats may be begun */
export function readNewChatRestriction(fields: Partial<RestrictionFields>): NewChatRestriction | null {
  const { restriction, restrictedSince = 0, restrictedUntil = 0, restrictionMet = 0 } = fields
  const kind = restrictionKinds.find((known) => known === restriction)
  if (kind === undefined || restrictionCatalogue[kind].concerns !== 'new_chats') return null
  return {
    kind,
    since: Number(restrictedSince),
    until: Number(restrictedUntil),
    met: Number(restrictionMet),
  }
}

/**
 * When the next message to a new chat may be tried, epoch ms.
 * @param resumedAt when somebody last had the queue go on; null for never
 * @returns 0 for at once: that was after the pause had begun
 */
export function pauseEnd(
  { until, met }: Pick<NewChatRestriction, 'until' | 'met'>,
  resumedAt: number | null,
): number {
  return resumedAt !== null && resumedAt > until - restrictionPauseMs(met) ? 0 : until
}

export const NO_RESTRICTION: RestrictionFields = {
  restriction: '',
  restrictedSince: '',
  restrictedUntil: '',
  restrictionMet: '',
}
