import { setTimeout as pause } from 'node:timers/promises'
import type { ErrorCode } from '@wsg/shared/errors.ts'
import type { Logger } from '@wsg/shared/logger.ts'
import { parseRecipient } from '@wsg/shared/messages/recipient.ts'
import type { Envelope } from '@wsg/shared/redis/message/read-queue.ts'
import type { Gate } from '../gate.ts'
import type { ResolvedChat, WhatsAppClient } from '../whatsapp/whatsapp-client.ts'
import type { Slots } from './slots.ts'

/** A look-up sends nothing, so that it may be tried again. */
const TRIES = 3
const RETRY_AFTER_MS = 500

export interface ResolveParts {
  client: WhatsAppClient
  /** Digits of the account that is logged in. */
  account: string
  /** Bounds the look-ups that run ahead. */
  lookUps: Slots
  connected: Gate
  logger: Logger
}

export type Target = { chat: ResolvedChat } | { refused: ErrorCode }

/**
 * Finds the chat that a message goes to, or why it goes nowhere.
 * @throws what the client threw at the last try: it does not answer any more
 */
export async function resolveTarget(
  { to, account }: Pick<Envelope, 'to' | 'account'>,
  parts: ResolveParts,
): Promise<Target> {
  if (account !== null && account !== parts.account) return { refused: 'account_changed' }
  const recipient = parseRecipient(to)
  if (recipient.kind === 'unreadable') return { refused: 'invalid_request' }
  if (recipient.kind === 'chat') return { chat: { chatId: recipient.chatId } }
  const chat = await lookUp(recipient.digits, parts)
  return chat === null ? { refused: 'recipient_not_on_whatsapp' } : { chat }
}

async function lookUp(digits: string, parts: ResolveParts): Promise<ResolvedChat | null> {
  const { client, lookUps, connected, logger } = parts
  const giveBack = await lookUps.take()
  try {
    for (let tries = 1; ; tries++) {
      await connected.opened()
      try {
        return await client.resolveNumber(digits)
      } catch (err) {
        if (tries === TRIES) throw err
        logger.warn({ err, tries }, 'a number could not be looked up; trying again')
        await pause(RETRY_AFTER_MS)
      }
    }
  } finally {
    giveBack()
  }
}
