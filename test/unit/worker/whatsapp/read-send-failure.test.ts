import { readSendFailure } from '@wsg/worker/src/whatsapp/read-send-failure.ts'
import { expect, test } from 'vitest'

test.each([
  [
    "the server's number",
    { isRefused: true, code: 463, result: 'ERROR_UNKNOWN' },
    { kind: 'refused', code: 463 },
  ],
  ['a number alone', { isRefused: false, code: 475 }, { kind: 'refused', code: 475 }],
  ['ack -1 without a number', { isRefused: true }, { kind: 'refused', code: null }],
  ['a failed upload', { isRefused: false, result: 'ERROR_UPLOAD' }, { kind: 'not_sent' }],
  [
    'a lost answer',
    { isRefused: false, result: 'ERROR_NETWORK' },
    { kind: 'uncertain', said: 'ERROR_NETWORK' },
  ],
  [
    'any other error',
    { isRefused: false, result: 'ERROR_UNKNOWN' },
    { kind: 'uncertain', said: 'ERROR_UNKNOWN' },
  ],
  ['a rejection', { isRefused: false, result: 'Error' }, { kind: 'uncertain', said: 'Error' }],
  ['the mark of failure alone', { isRefused: false }, { kind: 'uncertain', said: 'no result' }],
] as const)('reads what %s proves', (_what, given, failure) => {
  expect(readSendFailure(given)).toEqual(failure)
})
