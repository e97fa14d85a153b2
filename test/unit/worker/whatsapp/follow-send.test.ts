import type { PageEvent } from '@wsg/worker/src/whatsapp/page/page-events.ts'
import type { HandOver, SendPromises, SendResult } from '@wsg/worker/src/whatsapp/page/page-globals.ts'
import { followSend } from '@wsg/worker/src/whatsapp/page/sending/follow-send.ts'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { openFakePage } from './fake-page.ts'

const told: PageEvent[] = []
const sends = new Map<string, HandOver>()
const findMessage = vi.fn(async (): Promise<object | null> => null)

beforeEach(() => {
  vi.useFakeTimers()
  told.length = 0
  sends.clear()
  openFakePage(
    {},
    { sessionGatewayKit: { sends, findMessage, tell: (event: PageEvent) => void told.push(event) } },
  )
})
afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

function begin(
  outcome: Promise<SendResult | undefined>,
  stored: Promise<undefined> = Promise.resolve(undefined),
) {
  const handOver: HandOver = {
    ...{ chosenId: 'ID', chatId: 'ann', fullId: 'true_ann_ID', deadline: 0 },
    ...{ stage: 'handed_over', isRefused: false },
  }
  const promises: SendPromises = [stored, outcome]
  return { handOver, over: followSend(handOver, Promise.resolve(promises)) }
}
const failed = (facts: object) => [{ type: 'send_failure', id: 'ID', isRefused: false, ...facts }]

test('tells nothing more of what an ack has told', async () => {
  const { over } = begin(Promise.resolve({ messageSendResult: 'OK' }))
  sends.delete('ID')
  await over
  expect(told).toEqual([])
})

test('tells that the server has it where no ack does', async () => {
  await begin(Promise.resolve({ messageSendResult: 'OK' })).over
  expect(told).toEqual([{ type: 'ack', id: 'ID', ack: 1 }])
  expect(sends.size).toBe(0)
})

test("waits for the server's number, which comes after the failure, and tells both together", async () => {
  const outcome = Promise.withResolvers<SendResult>()
  const { handOver, over } = begin(outcome.promise)
  handOver.isRefused = true
  handOver.fails?.()
  await vi.advanceTimersByTimeAsync(500)
  expect(told).toEqual([])
  outcome.resolve({ messageSendResult: 'ERROR_UNKNOWN', ackErrorCode: 475 })
  await over
  await vi.advanceTimersByTimeAsync(5_000)
  const facts = { isRefused: true, code: 475, result: 'ERROR_UNKNOWN' }
  expect(told).toEqual(failed(facts))
})

test('tells a failure also where no outcome follows', async () => {
  const { handOver } = begin(new Promise(() => {}))
  handOver.fails?.()
  await vi.advanceTimersByTimeAsync(1_000)
  expect(told).toEqual(failed({}))
})

test('tells a rejection by the name of its error alone', async () => {
  await begin(Promise.reject(new TypeError('to 4917012345'))).over
  expect(told).toEqual(failed({ result: 'TypeError' }))
})

test('goes on waiting for the ack where the page says something that is not known', async () => {
  await begin(Promise.resolve(undefined)).over
  expect(told).toEqual([])
  expect(sends.has('ID')).toBe(true)
})

test.each([
  ['is acked', { ack: 2 }, [{ type: 'ack', id: 'ID', ack: 2 }]],
  ['is being sent', { ack: 0, isSendFailure: false }, []],
  ['waits with the red mark', { ack: 0, isSendFailure: true }, failed({ result: 'DuplicateMessageError' })],
  ['cannot be found', null, failed({ result: 'DuplicateMessageError' })],
] as const)('looks up a message that the page has already, which %s', async (_how, known, expected) => {
  findMessage.mockResolvedValueOnce(known)
  const taken = Object.assign(new Error('it is there'), { name: 'DuplicateMessageError' })
  await begin(Promise.reject(taken), Promise.reject(taken)).over
  expect(told).toEqual(expected)
})
