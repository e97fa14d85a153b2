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
function ground(perform: (name: PageOperationName) => unknown) {
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
    return { messages: [], nextCursor: null, ...(!isFound && { goesOn: true }) }
  })
  const search = ask('chat.history', { chatId: '5511999887766' })
  const lists = [ask('chat.list', {}), ask('chat.list', {})]
  await vi.advanceTimersByTimeAsync(2_100)
  await Promise.all(lists)
  expect(asked).toEqual(['chat.history', 'chat.list', 'chat.list', 'chat.history'])
  await vi.advanceTimersByTimeAsync(3_100)
  expect(await search).toEqual({ items: [], nextCursor: null })
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
