import { stepsOf } from '@wsg/gateway/src/dashboard/page/pages/session/messages.ts'
import type { MessageAnswer } from '@wsg/gateway/src/messages/message-answer.ts'
import { messageStates } from '@wsg/shared/messages/message-lifecycle.ts'
import { expect, it } from 'vitest'

it('tells the steps of a message in the order of time, and neither when it is due nor when it expires', () => {
  const message: MessageAnswer = {
    id: '3EB0',
    messageId: null,
    sessionId: 'shop',
    to: { input: '5511999887766', chatId: null },
    status: 'delivered',
    message: '',
    acceptedAt: '2026-11-30T08:00:00.000Z',
    expiresAt: '2026-12-01T08:00:00.000Z',
    sendAt: '2026-11-30T08:00:05.000Z',
    deliveredAt: '2026-11-30T08:00:07.000Z',
    sentAt: '2026-11-30T08:00:06.000Z',
  }
  expect(stepsOf(message, messageStates).map(([step]) => step)).toEqual(['accepted', 'sent', 'delivered'])
})
