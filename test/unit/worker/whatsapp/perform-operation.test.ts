import { missingBindings } from '@wsg/worker/src/whatsapp/page/missing-bindings.ts'
import { performOperation } from '@wsg/worker/src/whatsapp/page/operations/perform-operation.ts'
import { subjects } from '@wsg/worker/src/whatsapp/page/operations/subjects.ts'
import { afterEach, describe, expect, it, vi } from 'vitest'

afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

const run = vi.fn(async (_input: unknown, { chat }: { chat?: unknown }) => ({ output: chat }))
const findChat = vi.fn((chatId: string) => (chatId === '1' ? { id: chatId } : undefined))
const needs = ['WAWebCollections.Chat.get', 'WAWebCmd.Cmd.archiveChat']

/** A page with these modules. It throws for others, as WhatsApp Web's own `require` does. */
function open(modules: Record<string, unknown>): void {
  vi.stubGlobal('window', {
    require: (name: string) => {
      if (!(name in modules)) throw new Error(`Requiring unknown module "${name}"`)
      return modules[name]
    },
    sessionGatewayKit: {
      ...{ kinds: {}, missingBindings, subjects, findChat },
      operations: { 'chat.archive': { on: 'chat', needs, run } },
    },
  })
  run.mockClear()
}

const WAWebCollections = { Chat: { get: () => {} } }
const perform = (deadline = Date.now() + 30_000, chatId = '1') =>
  performOperation('chat.archive', { chatId }, deadline)

describe('an operation in the page', () => {
  it('is carried out on what its input names, where the page has what it needs', async () => {
    open({ WAWebCollections, WAWebCmd: { Cmd: { archiveChat: () => {} } } })
    expect(await perform()).toEqual({ output: { id: '1' } })
  })

  it('is refused where there is no such chat, and does nothing', async () => {
    open({ WAWebCollections, WAWebCmd: { Cmd: { archiveChat: () => {} } } })
    expect(await perform(Date.now() + 30_000, '2')).toEqual({ refused: 'chat_not_found' })
    expect(run).not.toHaveBeenCalled()
  })

  it.each([
    ['a module', { WAWebCollections }],
    ['a part of a module', { WAWebCollections, WAWebCmd: {} }],
    ['a function', { WAWebCollections, WAWebCmd: { Cmd: {} } }],
    ['the right kind of thing', { WAWebCollections, WAWebCmd: { Cmd: { archiveChat: true } } }],
  ])('names what it needs where the page lacks %s, and does nothing', async (_what, modules) => {
    open(modules)
    expect(await perform()).toEqual({ lacks: ['WAWebCmd.Cmd.archiveChat'] })
    expect(run).not.toHaveBeenCalled()
  })

  it('is content with either of two names for what has moved', () => {
    const either = ['WAWebCmd.Cmd.archiveChat or WAWebCmd.archiveChat']
    for (const WAWebCmd of [{ archiveChat: () => {} }, { Cmd: { archiveChat: () => {} } }]) {
      open({ WAWebCmd })
      expect(missingBindings(either)).toEqual([])
    }
    open({ WAWebCmd: {} })
    expect(missingBindings(either)).toEqual(either)
  })

  it('is not begun after its deadline, nor where that came while what it is about was looked for', async () => {
    open({ WAWebCollections, WAWebCmd: { Cmd: { archiveChat: () => {} } } })
    expect(await perform(Date.now() - 1)).toEqual({ refused: 'worker_timeout' })
    vi.useFakeTimers()
    findChat.mockImplementationOnce((chatId) => {
      vi.setSystemTime(Date.now() + 60_000)
      return { id: chatId }
    })
    expect(await perform()).toEqual({ refused: 'worker_timeout' })
    expect(run).not.toHaveBeenCalled()
  })

  it('says what WhatsApp threw', async () => {
    open({ WAWebCollections, WAWebCmd: { Cmd: { archiveChat: () => {} } } })
    run.mockRejectedValueOnce(new TypeError('this.findImpl is not a function'))
    expect(await perform()).toEqual({
      threw: 'WhatsApp Web threw TypeError: this.findImpl is not a function',
    })
  })
})
