import {
  isSettled,
  messageStates,
  messageTransitions,
  stateOfAck,
  statesBefore,
} from '@wsg/shared/messages/message-lifecycle.ts'
import { expect, it } from 'vitest'

it('never leads from a settled state back to one from which it could be sent again', () => {
  for (const state of messageStates.filter(isSettled)) {
    expect(messageTransitions[state].filter((next) => !isSettled(next))).toEqual([])
  }
})

it('lets nothing but a waiting message be canceled or expire', () => {
  expect(statesBefore('canceled')).toEqual(['queued'])
  expect(statesBefore('expired')).toEqual(['queued'])
})

it('takes an ack as proof even where the outcome had been unknown', () => {
  expect(statesBefore('sent')).toEqual(['sending', 'unknown'])
})

it("reads WhatsApp's ack numbers, and none that it does not know", () => {
  expect([-1, 0, 1, 2, 3, 4, 5].map(stateOfAck)).toEqual([
    null,
    null,
    'sent',
    'delivered',
    'read',
    'played',
    null,
  ])
})
