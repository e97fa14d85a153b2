import { type OperationName, operations } from '@wsg/shared/operations/operations.ts'
import type { SessionAccess } from '@wsg/worker/src/operations/handler.ts'
import { handlers } from '@wsg/worker/src/operations/handlers.ts'
import { Reads } from '@wsg/worker/src/operations/reads.ts'
import { OperationRefused } from '@wsg/worker/src/whatsapp/client-errors.ts'
import type { PageOperationName } from '@wsg/worker/src/whatsapp/page/operations/page-operations.ts'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

/** A session whose page answers so. */
function ground(perform: (name: PageOperationName, input: { fromMe?: boolean }) => unknown) {
  const check = vi.fn(() => new Promise<null>(() => {}))
  const session = { client: { perform }, numbers: { check }, reads: new Reads() } as unknown as SessionAccess
  const ask = (name: OperationName, input: object) =>
    (handlers[name] as (...given: unknown[]) => Promise<unknown>)(session, input, Date.now() + 30_000)
  return { ask, check }
}

it('what is read waits for no search that takes long, but comes between its parts', async () => {
  const asked: string[] = []
  const { ask } = ground(async (name) => {
    asked.push(name)
    await new Promise((resolve) => setTimeout(resolve, name === 'chat.history' ? 1_000 : 10))
    if (name !== 'chat.history') return operations[name].example.output
    const isFound = asked.filter((one) => one === name).length === 3
    return isFound ? { messages: [], nextCursor: null } : { foundSoFar: null }
  })
  const search = ask('chat.history', { chatId: '5511999887766' })
  const lists = [ask('chat.list', {}), ask('chat.list', {})]
  await vi.advanceTimersByTimeAsync(2_100)
  await Promise.all(lists)
  expect(asked).toEqual(['chat.history', 'chat.list', 'chat.list', 'chat.history'])
  await vi.advanceTimersByTimeAsync(3_100)
  expect(await search).toEqual({ items: [], nextCursor: null })
})

it('long searches that keep each other from going on answer with what they found and where to go on, if there is anything', async () => {
  const message = {
    ...{ id: '3A', key: 'false_5511999887766@c.us_3A', chat: { id: '5511999887766@c.us' }, fromMe: false },
    ...{ type: 'chat', body: 'Oi', t: 1_764_405_000, ack: 1 },
  }
  const { ask } = ground(async (_name, { fromMe }) => {
    await new Promise((resolve) => setTimeout(resolve, 1_000))
    const foundSoFar = fromMe ? null : { messages: [message], nextCursor: '1764405000_3A' }
    return { foundSoFar }
  })
  const chatId = '5511999887766'
  const found = Array.from({ length: 10 }, () => ask('chat.history', { chatId }))
  const nothing = ask('chat.history', { chatId, fromMe: true }).catch(({ code }) => code)
  await vi.advanceTimersByTimeAsync(30_000)
  for (const answer of await Promise.all(found))
    expect(answer).toMatchObject({ items: [{ id: '3A', text: 'Oi' }], nextCursor: '1764405000_3A' })
  expect(await nothing).toBe('too_many_reads')
})

it('what is read waits for no number that is checked to find a chat', async () => {
  const { ask, check } = ground(async (name) => {
    if (name === 'chat.get') throw new OperationRefused('chat_not_found')
    return operations[name].example.output
  })
  void ask('chat.get', { chatId: '5511999887766' })
  void ask('lid.get', { contactId: '5511999887766' })
  await vi.advanceTimersByTimeAsync(10)
  expect(check).toHaveBeenCalled()
  const list = ask('chat.list', {})
  await vi.advanceTimersByTimeAsync(100)
  expect(await list).toEqual(operations['chat.list'].example.output)
})
