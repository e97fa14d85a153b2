import type { MessageRecord } from '@wsg/shared/messages/message-record.ts'
import { messagePriorities } from '@wsg/shared/messages/send-request.ts'
import { z } from 'zod'

export const planAnswerFields = {
  priority: z.enum(messagePriorities).optional(),
  /** When it is due, where that is later than its acceptance. */
  sendAt: z.iso.datetime().optional(),
}

/** How a message was planned, as every answer about it says; nothing where it simply goes next. */
export function toPlanAnswer({ urgent, sendAt }: Pick<MessageRecord, 'urgent' | 'sendAt'>) {
  return {
    ...(urgent === '1' && { priority: 'urgent' as const }),
    ...(sendAt !== undefined && { sendAt: new Date(sendAt).toISOString() }),
  }
}
