import { toProblem } from '@wsg/gateway/src/http/answer-errors.ts'
import { Problem } from '@wsg/gateway/src/http/problem.ts'
import { type ErrorCode, errorCatalogue } from '@wsg/shared/errors.ts'
import { expect, test } from 'vitest'

test.each(Object.keys(errorCatalogue) as ErrorCode[])('%s has every member of a problem', (code) => {
  const { status, title, retryable, sentence } = errorCatalogue[code]
  expect(new Problem(code).toBody('id-1')).toEqual({
    error: sentence,
    type: `urn:wsg:error:${code}`,
    title,
    status,
    detail: sentence,
    code,
    requestId: 'id-1',
    retryable,
  })
})

test('whatever is 503 or 429 says when to come back', () => {
  for (const code of Object.keys(errorCatalogue) as ErrorCode[]) {
    if ([429, 503].includes(errorCatalogue[code].status))
      expect(new Problem(code).retryAfterSeconds).toBeGreaterThan(0)
  }
})

test.each([
  ["Stream isn't writeable and enableOfflineQueue options is false", 'redis_unavailable'],
  ['Command timed out', 'redis_unavailable'],
  ['Connection is closed.', 'redis_unavailable'],
  [
    'Reached the max retries per request limit (which is 0). Refer to "maxRetriesPerRequest" option for details.',
    'redis_unavailable',
  ],
  ['LOADING Redis is loading the dataset in memory', 'redis_unavailable'],
  ["READONLY You can't write against a read only replica.", 'redis_unavailable'],
  ["OOM command not allowed when used memory > 'maxmemory'.", 'redis_full'],
  ['something else', 'internal_error'],
])('%s is %s', (message, code) => {
  expect(toProblem(new Error(message)).code).toBe(code)
})

test('what nobody foresaw shows nothing of itself', () => {
  const body = new Problem(toProblem(new Error('password=hunter2')).code).toBody('id')
  expect(JSON.stringify(body)).not.toContain('hunter2')
})
