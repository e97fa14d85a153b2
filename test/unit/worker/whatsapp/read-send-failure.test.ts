import { readSendFailure } from '@wsg/worker/src/whatsapp/read-send-failure.ts'
import { expect, test } from 'vitest'

const facts = { isRefused: false, isSendFailure: false }

test.each([
  [
    "the server's number",
    { ...facts, isRefused: true, code: 463, result: 'ERROR_UNKNOWN' },
    { kind: 'refused', code: 463 },
  ],
  ['a number alone', { ...facts, code: 475 }, { kind: 'refused', code: 475 }],
  [
    'ack -1 without a number',
    { ...facts, isRefused: true, isSendFailure: true },
    { kind: 'refused', code: null },
  ],
  [
    'the red mark without ack -1',
    { ...facts, isSendFailure: true, result: 'ERROR_UNKNOWN' },
    { kind: 'not_sent' },
  ],
  ['the red mark alone', { ...facts, isSendFailure: true }, { kind: 'not_sent' }],
  [
    'a lost answer',
    { ...facts, isSendFailure: true, result: 'ERROR_NETWORK' },
    { kind: 'uncertain', said: 'ERROR_NETWORK' },
  ],
  ['a rejection', { ...facts, result: 'Error' }, { kind: 'uncertain', said: 'Error' }],
] as const)('reads what %s proves', (_what, given, failure) => {
  expect(readSendFailure(given)).toEqual(failure)
})
