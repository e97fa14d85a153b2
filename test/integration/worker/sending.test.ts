import { keys } from '@wsg/shared/redis/keys.ts'
import { cancelMessages } from '@wsg/shared/redis/message/move-message.ts'
import {
  ClientClosed,
  NotHandedOver,
  PageNotReached,
  PageUnresponsive,
  SendDeadlinePassed,
} from '@wsg/worker/src/whatsapp/client-errors.ts'
import { describe, expect } from 'vitest'
import { waitFor } from '../../support/wait-for.ts'
import { workerTest as it } from './worker-test.ts'

const SESSION = 'sales'
const ANNA = '5511111111111'
const BERTA = '5511222222222'
const CLARA = '551133333333'

const mentioning = (...mentions: string[]) => ({
  type: 'text' as const,
  text: 'hello @you',
  linkPreview: true,
  mentions,
})

describe('order', () => {
  it('keeps each chat in order when look-ups are slow and acks come out of order', async ({ rig }) => {
    const release: (() => void)[] = []
    let firstLookUp = true
    const [worker, whatsapp] = await rig.ready({
      script: (client) => {
        client.onResolve = async (digits) => {
          // Anna's first look-up takes long, the later ones are known by then.
          if (digits !== ANNA || !firstLookUp) return
          firstLookUp = false
          await new Promise<void>((resolve) => release.push(resolve))
        }
        client.onSend = () => {}
      },
    })
    const ids = new Map<string, string>()
    for (const [to, text] of [
      [ANNA, 'a1'],
      [ANNA, 'a2'],
      [BERTA, 'b1'],
      [BERTA, 'b2'],
      [ANNA, 'a3'],
    ] as const) {
      ids.set(text, await rig.send(SESSION, to, text))
    }
    await waitFor('the look-up', () => release.length === 1)
    release[0]?.()
    await waitFor('both heads', () => whatsapp.bodies().length === 2)
    expect(whatsapp.bodies().sort()).toEqual(['a1', 'b1'])
    const ack = (text: string) => whatsapp.ack(ids.get(text) as string, 'sent', worker.clients[0])
    for (const text of ['b1', 'b2', 'a1', 'a2', 'a3']) {
      await waitFor(`${text} to be handed over`, () => whatsapp.bodies().includes(text))
      ack(text)
    }
    await rig.untilState(SESSION, ids.get('a3') as string, 'sent')
    expect(whatsapp.bodies(`${ANNA}@c.us`)).toEqual(['a1', 'a2', 'a3'])
    expect(whatsapp.bodies(`${BERTA}@c.us`)).toEqual(['b1', 'b2'])
  })

  it('knows one chat under every spelling of its name', async ({ rig }) => {
    const [worker, whatsapp] = await rig.ready({ script: (client) => (client.onSend = () => {}) })
    whatsapp.numbers.set(ANNA, { chatId: `${ANNA}@c.us`, lid: '777777@lid' })
    const ids = [
      await rig.send(SESSION, ANNA, '1'),
      await rig.send(SESSION, `+${ANNA.slice(0, 2)} ${ANNA.slice(2)}`, '2'),
      await rig.send(SESSION, '777777@lid', '3'),
      await rig.send(SESSION, `${ANNA}@s.whatsapp.net`, '4'),
    ]
    for (const [i, id] of ids.entries()) {
      await waitFor(`message ${i + 1}`, () => whatsapp.bodies().length === i + 1)
      expect(whatsapp.bodies()).toEqual(['1', '2', '3', '4'].slice(0, i + 1))
      whatsapp.ack(id, 'sent', worker.clients[0])
      await rig.untilState(SESSION, id, 'sent')
    }
  })

  it('lets other chats go on while the head of one has no ack', async ({ rig }) => {
    const [, whatsapp] = await rig.ready({
      settings: { sendsGraceMs: 100 },
      script: (client) => {
        client.onSend = (text) => {
          if (text.chatId !== `${ANNA}@c.us`) whatsapp.ack(text.messageId, 'sent', client)
        }
      },
    })
    const stuck = await rig.send(SESSION, ANNA, 'stuck')
    for (let i = 0; i < 20; i++) await rig.send(SESSION, ANNA, `behind ${i}`)
    const free = await rig.send(SESSION, BERTA, 'free')
    await rig.untilState(SESSION, free, 'sent')
    expect((await rig.record(SESSION, stuck)).state).toBe('sending')
    expect(whatsapp.bodies()).toEqual(['stuck', 'free'])
  })
})

describe('what is not sent', () => {
  it('says that a recipient is not on WhatsApp, and goes on', async ({ rig }) => {
    const [, whatsapp] = await rig.ready()
    whatsapp.numbers.set(ANNA, null)
    const id = await rig.send(SESSION, ANNA, 'nobody there')
    await rig.untilState(SESSION, await rig.send(SESSION, BERTA, 'hello'), 'sent')
    expect(await rig.record(SESSION, id)).toMatchObject({
      state: 'failed',
      reason: 'recipient_not_on_whatsapp',
    })
    expect(whatsapp.bodies()).toEqual(['hello'])
  })

  it('fails a message whose record cannot be read, and goes on with its chat', async ({ rig }) => {
    await rig.ready()
    const unreadable = await rig.send(SESSION, ANNA, '', { content: { type: 'of tomorrow' } as never })
    await rig.untilState(SESSION, await rig.send(SESSION, ANNA, 'next'), 'sent')
    expect(await rig.redis.hget(keys.message(SESSION, unreadable), 'state')).toBe('failed')
  })

  it('passes on why the page refused a message', async ({ rig }) => {
    await rig.ready({
      script: (client) => {
        client.onSend = () => {
          throw new NotHandedOver('quoted_message_not_found', 'no such message')
        }
      },
    })
    const id = await rig.send(SESSION, ANNA, 'hello', { replyTo: 'gone' })
    expect(await rig.untilState(SESSION, id, 'failed')).toMatchObject({ reason: 'quoted_message_not_found' })
  })

  it.for([
    ['came too late into the page', new SendDeadlinePassed('too late')],
    ['never reached the page', new PageNotReached('gone')],
  ])('sends a message again that %s, while it still owns the session', async ([_what, refusal], { rig }) => {
    let tries = 0
    const [, whatsapp] = await rig.ready({
      script: (client) => {
        client.onSend = (text) => {
          if (++tries === 1) throw refusal
          whatsapp.ack(text.messageId, 'sent', client)
        }
      },
    })
    await rig.untilState(SESSION, await rig.send(SESSION, ANNA, 'hello'), 'sent')
    expect(tries).toBe(2)
  })

  it('gives a message up that the page does not get ready in time, again and again, and goes on', async ({
    rig,
  }) => {
    let tries = 0
    const [{ deaths }, whatsapp] = await rig.ready({
      script: (client) => {
        client.onSend = ({ messageId, body: text }) => {
          if (text === 'never ready') {
            tries += 1
            throw new SendDeadlinePassed('too late')
          }
          whatsapp.ack(messageId, 'sent', client)
        }
      },
    })
    const id = await rig.send(SESSION, ANNA, 'never ready')
    const next = await rig.send(SESSION, ANNA, 'next')
    expect(await rig.untilState(SESSION, id, 'failed')).toMatchObject({
      reason: 'send_failed',
      detail: 'WhatsApp Web did not get it ready in time.',
    })
    await rig.untilState(SESSION, next, 'sent')
    expect([tries, deaths]).toEqual([3, []])
  })

  it('lets a message be canceled that was not handed over and waits again', async ({ rig }) => {
    const [, whatsapp] = await rig.ready({
      script: (client) => {
        client.onSend = ({ messageId, body: text }) => {
          if (text === 'hello') throw new PageNotReached('gone')
          whatsapp.ack(messageId, 'sent', client)
        }
      },
    })
    const id = await rig.send(SESSION, ANNA, 'hello')
    const next = await rig.send(SESSION, ANNA, 'next')
    await waitFor('two tries', () => whatsapp.handedOver.length >= 2)
    await waitFor('it to be canceled', async () => {
      await rig.cancel(SESSION, id)
      return (await rig.record(SESSION, id)).state === 'canceled'
    })
    await rig.untilState(SESSION, next, 'sent')
  })

  it('gives every send a deadline that lies before the end of the lease', async ({ rig }) => {
    const [, whatsapp] = await rig.ready()
    await rig.untilState(SESSION, await rig.send(SESSION, ANNA, 'hello'), 'sent')
    const leaseMs = await rig.redis.pttl(`wsg:{${SESSION}}:lease`)
    expect(whatsapp.handedOver[0]?.deadline).toBeLessThan(Date.now() + leaseMs)
  })

  it('skips messages that were canceled or expired while they waited', async ({ rig }) => {
    const [{ clients }, whatsapp] = await rig.ready({ script: (client) => (client.onSend = () => {}) })
    const head = await rig.send(SESSION, ANNA, 'head')
    const canceled = await rig.send(SESSION, ANNA, 'canceled')
    const expired = await rig.send(SESSION, ANNA, 'expired', { expiresAt: Date.now() + 50 })
    const last = await rig.send(SESSION, ANNA, 'last')
    await rig.untilState(SESSION, head, 'sending')
    await rig.redis.hset(`wsg:{${SESSION}}:message:${canceled}`, 'state', 'canceled')
    await waitFor(
      'the second to expire',
      async () => (await rig.record(SESSION, expired)).expiresAt < Date.now(),
    )
    whatsapp.ack(head, 'sent', clients[0])
    await waitFor('the last', () => whatsapp.bodies().length === 2)
    whatsapp.ack(last, 'sent', clients[0])
    await rig.untilState(SESSION, last, 'sent')
    expect(whatsapp.bodies()).toEqual(['head', 'last'])
    expect((await rig.record(SESSION, expired)).state).toBe('expired')
  })

  it('gives back what the client was closed before it could take', async ({ rig }) => {
    const [{ clients, deaths }] = await rig.ready({
      script: (client) => {
        client.onSend = () => {
          client.crash()
          throw new ClientClosed('nothing was done')
        }
      },
    })
    const id = await rig.send(SESSION, ANNA, 'hello')
    await waitFor('the end', () => deaths.length > 0)
    expect(clients[0]?.state).toBe('killed')
    expect((await rig.record(SESSION, id)).state).toBe('queued')
  })

  it('ends the process and leaves the message to the next owner when a send does not return', async ({
    rig,
  }) => {
    const [{ deaths }] = await rig.ready({
      script: (client) => {
        client.onSend = () => {
          throw new Error('no answer')
        }
      },
    })
    const id = await rig.send(SESSION, ANNA, 'hello')
    await waitFor('the end', () => deaths.length > 0)
    expect((await rig.record(SESSION, id)).state).toBe('sending')
  })
})

it('counts every message that is done, and leaves none in the queue', async ({ rig }) => {
  await rig.ready()
  for (let i = 0; i < 30; i++) await rig.send(SESSION, i % 2 === 0 ? ANNA : BERTA, `message ${i}`)
  const counted = () => rig.redis.hget(keys.session(SESSION), 'messageCount')
  await waitFor('all to be counted', async () => (await counted()) === '30')
  expect(await rig.redis.zcard(keys.queued(SESSION))).toBe(0)
})

describe('what takes time', () => {
  it('is done while the message can still be canceled: its link preview', async ({ rig }) => {
    const previews: (() => void)[] = []
    const [, whatsapp] = await rig.ready({
      script: (client) => {
        client.onLinkPreview = () => new Promise<void>((resolve) => previews.push(resolve))
      },
    })
    const first = await rig.send(SESSION, ANNA, 'see https://example.com/1')
    const canceled = await rig.send(SESSION, BERTA, 'see https://example.com/2')
    await waitFor('both to be prepared', () => previews.length === 2)
    expect((await rig.record(SESSION, first)).state).toBe('queued')
    await rig.cancel(SESSION, canceled)
    for (const resolve of previews) resolve()
    await rig.untilState(SESSION, first, 'sent')
    expect((await rig.record(SESSION, canceled)).state).toBe('canceled')
    expect(whatsapp.bodies()).toEqual(['see https://example.com/1'])
  })

  it('is done while the message can still be canceled, and holds up its own chat alone: whom it mentions', async ({
    rig,
  }) => {
    const release: (() => void)[] = []
    const [, whatsapp] = await rig.ready({
      script: (client) => {
        client.onResolve = async (digits) => {
          if (digits === CLARA) await new Promise<void>((resolve) => release.push(resolve))
        }
      },
    })
    whatsapp.numbers.set(CLARA, { chatId: '5511933333333@c.us' })
    const id = await rig.send(SESSION, ANNA, '', { content: mentioning(CLARA, '77777@lid') })
    await rig.untilState(SESSION, await rig.send(SESSION, BERTA, 'other'), 'sent')
    expect((await rig.record(SESSION, id)).state).toBe('queued')
    release[0]?.()
    await rig.untilState(SESSION, id, 'sent')
    expect(whatsapp.handedOver.at(-1)?.options.mentionedJidList).toEqual(['5511933333333@c.us', '77777@lid'])
  })

  it('ends a message that mentions somebody who is not on WhatsApp, and says whom', async ({ rig }) => {
    const [, whatsapp] = await rig.ready()
    whatsapp.numbers.set(CLARA, null)
    const id = await rig.send(SESSION, ANNA, '', { content: mentioning(BERTA, CLARA) })
    expect(await rig.untilState(SESSION, id, 'failed')).toMatchObject({
      reason: 'mention_not_on_whatsapp',
      detail: `mentions[1] names ${CLARA}, who is not on WhatsApp.`,
    })
    await rig.untilState(SESSION, await rig.send(SESSION, ANNA, 'next'), 'sent')
    expect(whatsapp.bodies()).toEqual(['next'])
  })

  it('ends a message whose recipient WhatsApp says nothing about, and goes on', async ({ rig }) => {
    const [{ deaths }, whatsapp] = await rig.ready({
      script: (client) => {
        client.onResolve = (digits) => {
          if (digits === CLARA) throw new PageUnresponsive('no answer')
        }
      },
    })
    const id = await rig.send(SESSION, CLARA, 'nobody knows')
    await rig.untilState(SESSION, await rig.send(SESSION, ANNA, 'next'), 'sent')
    expect(await rig.untilState(SESSION, id, 'failed')).toMatchObject({ reason: 'send_failed' })
    expect([whatsapp.bodies(), deaths]).toEqual([['next'], []])
  })
})

describe('a message that was accepted while no account was known', () => {
  it('does not go out from a number that was paired later', async ({ rig }) => {
    const { clients } = await rig.startWorker()
    await rig.want(SESSION)
    await rig.untilView(SESSION, 'waiting_qr')
    const id = await rig.send(SESSION, ANNA, 'from whom?')
    const { acceptedAt } = await rig.record(SESSION, id)
    // An owner knows Redis' clock as well as it takes to ask for it.
    await waitFor('the clock to go on', () => Date.now() > acceptedAt + 500)
    clients[0]?.logIn('5511000000000')
    await rig.untilState(SESSION, await rig.send(SESSION, ANNA, 'from this one'), 'sent')
    expect(await rig.record(SESSION, id)).toMatchObject({ state: 'failed', reason: 'account_changed' })
    expect(rig.whatsappOf(SESSION).bodies()).toEqual(['from this one'])
  })

  it('goes out from the number whose login the profile held all the while', async ({ rig }) => {
    await rig.want(SESSION, { savedLogin: '1' })
    await rig.makeProfile(SESSION)
    rig.whatsappOf(SESSION).account = '5511000000000'
    const id = await rig.send(SESSION, ANNA, 'hello')
    expect((await rig.record(SESSION, id)).account).toBeUndefined()
    await rig.startWorker()
    await rig.untilState(SESSION, id, 'sent')
  })
})

describe('a file in the page', () => {
  it('is let go of when its message was sent, refused, or canceled before it was sent', async ({ rig }) => {
    const media = { upload: 'a'.repeat(64) }
    const content = { type: 'document' as const, media, mentions: [] }
    let isRefused = false
    let toCancel: string | null = null
    const [worker, whatsapp] = await rig.ready({
      script: (client) => {
        client.onHandOver = () => {
          if (isRefused) throw new NotHandedOver('not_in_group', 'it left')
        }
        client.onMedia = async (id) => {
          if (id === toCancel) await cancelMessages(rig.redis, SESSION, [id], 60_000)
        }
      },
    })
    const prepared = worker.clients[0]?.prepared
    const letGo = () => waitFor('the file to be gone', () => prepared?.size === 0)
    await rig.untilState(SESSION, await rig.send(SESSION, ANNA, 'sent', { content }), 'sent')
    await letGo()
    isRefused = true
    await rig.untilState(SESSION, await rig.send(SESSION, ANNA, 'refused', { content }), 'failed')
    await letGo()
    toCancel = `3EB0${'F'.repeat(18)}`
    await rig.send(SESSION, ANNA, 'canceled', { content, id: toCancel })
    await rig.untilState(SESSION, toCancel, 'canceled')
    await letGo()
    expect(whatsapp.handedOver).toHaveLength(1)
  })
})
