import type { Logger } from '@wsg/shared/logger.ts'
import { Gate } from '@wsg/worker/src/gate.ts'
import { ChatLanes } from '@wsg/worker/src/outbox/chat-lanes.ts'
import { RecipientResolver } from '@wsg/worker/src/outbox/recipient-resolver.ts'
import { ClientClosed, PageUnresponsive } from '@wsg/worker/src/whatsapp/client-errors.ts'
import type { LibraryMessage } from '@wsg/worker/src/whatsapp/to-library/library-message.ts'
import type { ResolvedChat, WhatsAppClient } from '@wsg/worker/src/whatsapp/whatsapp-client.ts'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

const ANNA = '5511111111111'
const PAIRED_AT = 1_000

beforeEach(() => vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }))
afterEach(() => vi.useRealTimers())

function setUp(answer: (digits: string) => Promise<ResolvedChat | null>) {
  const asked: string[] = []
  const logged: string[] = []
  const connected = new Gate()
  connected.open()
  const resolver = new RecipientResolver({
    client: {
      resolveNumber: (digits: string) => {
        asked.push(digits)
        return answer(digits)
      },
    } as WhatsAppClient,
    account: '5511000000000',
    pairedAt: PAIRED_AT,
    lanes: new ChatLanes(),
    connected,
    logger: { warn: (...line: unknown[]) => void logged.push(JSON.stringify(line)) } as unknown as Logger,
  })
  return { resolver, asked, logged, connected }
}

const to = (recipient: string, more: { account?: string; acceptedAt?: number } = {}) => ({
  to: recipient,
  recipient,
  account: null,
  acceptedAt: PAIRED_AT,
  ...more,
})
const found = async (digits: string) => ({ chatId: `${digits}@c.us` })

describe('the recipient of a message', () => {
  it('is the chat that WhatsApp names for the number, or the chat that was named', async () => {
    const { resolver, asked } = setUp(found)
    expect(await resolver.resolve(to(ANNA))).toEqual({ chatId: `${ANNA}@c.us` })
    expect(await resolver.resolve(to('120363000000000001@g.us'))).toEqual({
      chatId: '120363000000000001@g.us',
    })
    expect(asked).toEqual([ANNA])
  })

  it.each([
    ['of another account', { account: '5511999999999' }],
    ['accepted without an account, before this one was paired', { acceptedAt: PAIRED_AT - 1 }],
  ])('is not looked up for a message %s', async (_, message) => {
    const { resolver, asked } = setUp(found)
    expect(await resolver.resolve(to(ANNA, message))).toEqual({ refused: 'account_changed' })
    expect(asked).toEqual([])
  })

  it('is refused by name where it is not on WhatsApp', async () => {
    const { resolver } = setUp(async () => null)
    expect(await resolver.resolve(to(ANNA))).toEqual({
      refused: 'recipient_not_on_whatsapp',
      detail: `to names ${ANNA}, who is not on WhatsApp.`,
    })
  })

  it.each([
    ['fails', () => Promise.reject(new PageUnresponsive('no answer'))],
    ['never returns', () => new Promise<null>(() => {})],
  ])('is asked for three times where the look-up %s, and the number is in no log', async (_, answer) => {
    const { resolver, asked, logged } = setUp(answer)
    const resolved = resolver.resolve(to(ANNA))
    for (let tries = 1; tries <= 3; tries++) {
      while (asked.length < tries) await new Promise((resolve) => setImmediate(resolve))
      await vi.advanceTimersByTimeAsync(10_000)
    }
    expect(await resolved).toMatchObject({ refused: 'send_failed' })
    expect(asked).toHaveLength(3)
    expect(logged).toHaveLength(3)
    expect(logged.join()).not.toContain(ANNA)
  })

  it('is left to the next owner where the client has ended', async () => {
    const { resolver } = setUp(() => Promise.reject(new ClientClosed('closed')))
    await expect(resolver.resolve(to(ANNA))).rejects.toThrow(ClientClosed)
  })

  it('is not looked up while WhatsApp is not connected', async () => {
    const { resolver, asked, connected } = setUp(found)
    connected.shut()
    const resolved = resolver.resolve(to(ANNA))
    await vi.advanceTimersByTimeAsync(60_000)
    expect(asked).toEqual([])
    connected.open()
    expect(await resolved).toEqual({ chatId: `${ANNA}@c.us` })
  })

  it('is known by every spelling that led to its chat', async () => {
    const { resolver } = setUp(async () => ({ chatId: '553188887777@c.us', lid: '777@lid' }))
    await resolver.resolve(to('5531988887777'))
    expect(resolver.recipientsOf({ chatId: '553188887777@c.us' }).toSorted()).toEqual([
      '553188887777',
      '5531988887777',
      '777@lid',
    ])
  })
})

describe('the people in a message', () => {
  const message = (mentionedJidList: string[] | 'all', cards?: LibraryMessage['cards']): LibraryMessage => ({
    ...{ body: '', options: { mentionedJidList }, ...(cards && { cards }) },
  })

  it('are named by their chats, in order', async () => {
    const { resolver } = setUp(found)
    const card = { vcard: 'BEGIN:VCARD', displayName: 'Ben' }
    const resolve = (...given: Parameters<typeof message>) => resolver.resolvePeople(message(...given))
    expect(await resolve([ANNA, '777777@lid'])).toEqual(message([`${ANNA}@c.us`, '777777@lid']))
    expect(await resolve([], [card, { id: ANNA }])).toEqual(message([], [card, { id: `${ANNA}@c.us` }]))
    expect(await resolve('all')).toEqual(message('all'))
  })

  it('are told by their place where one is not on WhatsApp', async () => {
    const { resolver } = setUp(async (digits) => (digits === ANNA ? null : { chatId: `${digits}@c.us` }))
    expect(await resolver.resolvePeople(message(['5511222222222', ANNA]))).toEqual({
      refused: 'mention_not_on_whatsapp',
      detail: `mentions[1] names ${ANNA}, who is not on WhatsApp.`,
    })
    expect(await resolver.resolvePeople(message([], [{ id: ANNA }]))).toMatchObject({
      refused: 'contact_not_on_whatsapp',
      detail: expect.stringMatching(/^contacts\[0\] names/),
    })
  })
})
