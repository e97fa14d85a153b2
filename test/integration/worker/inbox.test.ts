import { readEvents } from '@wsg/shared/redis/event/read-events.ts'
import { keys } from '@wsg/shared/redis/keys.ts'
import { deleteSession } from '@wsg/shared/redis/session/desired-state.ts'
import type { PageMessageFacts } from '@wsg/worker/src/whatsapp/page/describe-message.ts'
import { expect } from 'vitest'
import type { FakeWhatsAppClient } from '../../support/fake-whatsapp-client.ts'
import { waitFor } from '../../support/wait-for.ts'
import { workerTest as it } from './worker-test.ts'

const said = (id: string, body: string): { type: 'message'; message: PageMessageFacts } => ({
  type: 'message',
  message: {
    ...{
      id,
      key: `false_5511999887766@c.us_${id}`,
      body,
      type: 'chat',
      t: 1_764_405_000,
      ack: 1,
      fromMe: false,
    },
    chat: { id: '5511999887766@c.us', phone: '5511999887766@c.us' },
  },
})

it('what the page tells is logged in its order, each message once, under the lease', async ({ rig }) => {
  await rig.wantPaired('s1')
  const worker = await rig.startWorker()
  await rig.untilView('s1', 'ready')
  const [client] = worker.clients
  const logged = async () => {
    const events = await readEvents(rig.redis, 's1', { after: '0-0', limit: 1_000 })
    return events.filter(({ event }) => event === 'message').map(({ data }) => JSON.parse(data).text)
  }
  const texts = Array.from({ length: 250 }, (_, i) => `text ${i}`)
  for (const [i, text] of [...texts.entries(), ...texts.slice(0, 10).entries()])
    client?.hear('news', said(`3A${i}`, text))
  await waitFor('them', async () => (await logged()).length >= 250)
  expect(await logged()).toEqual(texts)

  client?.hear('news', said('3A250', 'the last'))
  await worker.stop()
  expect((await logged()).at(-1)).toBe('the last')
})

it('writes what the page told while Redis was away when it is back, in order', async ({ rig }) => {
  await rig.wantPaired('s1')
  const worker = await rig.startWorker({ settings: { leaseTtlMs: 10_000 } })
  await rig.untilView('s1', 'ready')
  await rig.redis.client('PAUSE', 1_000, 'WRITE')
  for (let i = 0; i < 20; i++) worker.clients[0]?.hear('news', said(`3B${i}`, `text ${i}`))
  const told = await waitFor('them', async () => {
    const events = await readEvents(rig.redis, 's1', { after: '0-0', limit: 1_000 })
    const messages = events.filter(({ event }) => event === 'message')
    return messages.length >= 20 && messages
  })
  expect(told.map(({ data }) => JSON.parse(data).text)).toEqual(
    Array.from({ length: 20 }, (_, i) => `text ${i}`),
  )
})

it('tells what came while nobody listened once, in order and marked, before what comes now', async ({
  rig,
}) => {
  const whatsapp = await rig.wantPaired('s1')
  const first = await rig.startWorker()
  await rig.untilView('s1', 'ready')
  const told = async () => {
    const events = await readEvents(rig.redis, 's1', { after: '0-0', limit: 5_000 })
    return events.filter(({ event }) => event === 'message')
  }
  const texts = async () => (await told()).map(({ data }) => JSON.parse(data).text)
  const at = (second: number, i: number) => {
    const { message } = said(`3C${i}`, `text ${i}`)
    return { type: 'message' as const, message: { ...message, t: 1_764_405_000 + second } }
  }
  first.clients[0]?.hear('news', at(0, 0))
  await waitFor('the first', async () => (await told()).length === 1)
  await first.stop()

  // The page has the one that was told already, and a thousand more; two of one second in the order of the page.
  for (let i = 0; i <= 1_000; i++) whatsapp.missed.push(at(Math.floor(i / 2), i).message)
  const second = await rig.startWorker({
    script: (client) => {
      const stock = client.collectMissed.bind(client)
      client.collectMissed = async (since) => {
        if (since.limit > 0 && (await told()).length === 1) client.hear('news', at(900, 1_001))
        return await stock(since)
      }
    },
  })
  await rig.untilView('s1', 'ready')
  await waitFor('them', async () => (await told()).length >= 1_002)
  expect(await texts()).toEqual(Array.from({ length: 1_002 }, (_, i) => `text ${i}`))
  expect((await told()).map(({ catchUp }) => catchUp)).toEqual([false, ...Array(1_000).fill(true), false])
  await second.stop()

  await rig.startWorker()
  await rig.untilView('s1', 'ready')
  await waitFor('the look', async () => Number(await rig.redis.hget(keys.heard('s1'), 'until')) > 0)
  expect(await told()).toHaveLength(1_002)
})

it('tells what could not be read when it came and became readable while nobody listened, however much was heard since', async ({
  rig,
  onTestFinished,
}) => {
  const commands = await rig.server.watch()
  onTestFinished(() => commands.end())
  const whatsapp = await rig.wantPaired('s1')
  const first = await rig.startWorker()
  await rig.untilView('s1', 'ready')
  const { redis } = rig
  const told = async () => {
    const events = await readEvents(redis, 's1', { after: '0-0', limit: 100 })
    const messages = events.filter(({ event }) => event === 'message')
    return messages.map(({ data, catchUp }) => [JSON.parse(data).text, catchUp])
  }
  const now = Math.floor(Date.now() / 1_000)
  const written = (id: string, t: number) => ({ ...said(id, id).message, t })
  const unreadable = (id: string, t: number) =>
    first.clients[0]?.hear('news', { type: 'unreadable', key: written(id, t).key, t })
  await waitFor('the look', async () => Number(await redis.hget(keys.heard('s1'), 'until')) > 0)
  unreadable('3G1', now)
  unreadable('3G2', now)
  unreadable('3G3', now + 1)
  unreadable('3G6', now)
  unreadable('3G7', now)
  const saysNothing = (id: string) => ({ ...written(id, now), type: 'protocol' })
  first.clients[0]?.hear('news', { type: 'message', message: saysNothing('3G6'), wasUnreadable: true })
  // What could be read and says nothing concerns Redis in no way.
  first.clients[0]?.hear('news', { type: 'message', message: saysNothing('3G8') })
  for (const [id, t] of [
    ['3G3', now + 1],
    ['3G4', now + 5],
  ] as const)
    first.clients[0]?.hear('news', { type: 'message', message: written(id, t) })
  await waitFor('both', async () => (await told()).length === 2)
  expect(await redis.zrange(keys.unreadable('s1'), '0', '-1')).toEqual(
    ['3G1', '3G2', '3G7'].map((id) => written(id, now).key),
  )
  await first.stop()

  // Two of them can be read now, of which one says nothing, and another one came late.
  whatsapp.missed.push(written('3G1', now), saysNothing('3G7'), saysNothing('3G9'))
  whatsapp.missed.push(written('3G4', now + 5), written('3G5', now + 6))
  const second = await rig.startWorker()
  await rig.untilView('s1', 'ready')
  const all = [
    ['3G3', false],
    ['3G4', false],
    ['3G1', true],
    ['3G5', true],
  ]
  await waitFor('them', async () => (await told()).length >= all.length)
  await waitFor('all of the look', async () => (await redis.zcard(keys.unreadable('s1'))) === 1)
  expect(await told()).toEqual(all)
  expect(await redis.zrange(keys.unreadable('s1'), '0', '-1')).toEqual([written('3G2', now).key])
  await second.stop()

  // Looked for two weeks long, and the newest thousand of them.
  await redis.zadd(keys.unreadable('s1'), now - 15 * 24 * 3_600, 'old')
  await rig.startWorker()
  await rig.untilView('s1', 'ready')
  await waitFor('the look', async () => (await redis.zscore(keys.unreadable('s1'), 'old')) === null)
  expect(await told()).toEqual(all)
  expect(commands.lines.filter((line) => line.includes('3G7'))).not.toEqual([])
  expect(commands.lines.filter((line) => /3G[89]/.test(line))).toEqual([])
})

it('looks once more, and by itself, where the connection was lost while it looked', async ({ rig }) => {
  const whatsapp = await rig.wantPaired('s1')
  await rig.redis.hset(keys.heard('s1'), { account: '5511000000000', base: 1, until: 1 })
  const looks: PromiseWithResolvers<void>[] = []
  const { clients } = await rig.startWorker({
    script: (client) => {
      const stock = client.collectMissed.bind(client)
      client.collectMissed = async (since) => {
        const look = Promise.withResolvers<void>()
        looks.push(look)
        await look.promise
        return await stock(since)
      }
    },
  })
  await rig.untilView('s1', 'ready')
  await waitFor('the first look', () => looks.length === 1)
  for (const connected of [false, true, false, true]) clients[0]?.hear('connection', connected)
  clients[0]?.hear('news', {
    type: 'message',
    message: { ...said('3H2', 'later').message, t: 1_764_405_009 },
  })
  looks[0]?.resolve()
  await waitFor('the second look', () => looks.length === 2)
  whatsapp.missed.push(said('3H1', 'missed').message)
  looks[1]?.resolve()
  const told = async () => {
    const events = await readEvents(rig.redis, 's1', { after: '0-0', limit: 100 })
    return events.filter(({ event }) => event === 'message').map(({ data }) => JSON.parse(data).text)
  }
  await waitFor('both', async () => (await told()).length === 2)
  expect(await told()).toEqual(['missed', 'later'])
  expect(looks).toHaveLength(2)
})

it('notes nothing as heard where the connection was lost while it looked, until it has looked again', async ({
  rig,
}) => {
  await rig.wantPaired('s1')
  await rig.redis.hset(keys.heard('s1'), { account: '5511000000000', base: 1, until: 1 })
  const looks: { active: number; end: PromiseWithResolvers<void> }[] = []
  const { clients } = await rig.startWorker({
    script: (client) => {
      const stock = client.collectMissed.bind(client)
      client.collectMissed = async (since) => {
        const end = Promise.withResolvers<void>()
        looks.push({ active: since.active, end })
        await end.promise
        return await stock(since)
      }
    },
  })
  await rig.untilView('s1', 'ready')
  await waitFor('the first look', () => looks.length === 1)
  clients[0]?.hear('connection', false)
  looks[0]?.end.resolve()
  // What follows from its answer has begun by then.
  await new Promise(setImmediate)
  clients[0]?.hear('connection', true)
  await waitFor('the second look', () => looks.length === 2)
  expect(looks[1]?.active).toBe(looks[0]?.active)
  looks[1]?.end.resolve()
})

it('hears nothing any more once its session is removed', async ({ rig }) => {
  await rig.wantPaired('s1')
  const { clients, deaths } = await rig.startWorker()
  await rig.untilView('s1', 'ready')
  await deleteSession(rig.redis, 's1')
  await rig.untilView('s1', 'not_found')
  clients[0]?.events.emit('news', said('3I1', 'after the end'))
  await rig.want('s1')
  await rig.untilView('s1', 'waiting_qr')
  expect(clients).toHaveLength(2)
  expect(deaths).toEqual([])
})

it('tells nothing of the time before the account was paired', async ({ rig }) => {
  const whatsapp = await rig.wantPaired('s1')
  const { message } = said('3D1', 'old')
  whatsapp.missed.push(message)
  await rig.startWorker()
  await rig.untilView('s1', 'ready')
  await waitFor('the look', async () => Number(await rig.redis.hget(keys.heard('s1'), 'until')) > 0)
  expect(
    (await readEvents(rig.redis, 's1', { after: '0-0', limit: 10 })).map(({ event }) => event),
  ).not.toContain('message')
})

it('tells so much of the time before the account was paired as is asked for, once and marked', async ({
  rig,
}) => {
  const whatsapp = await rig.wantPaired('s1')
  const now = Math.floor(Date.now() / 1_000)
  const written = (id: string, hoursAgo: number) => {
    const { message } = said(id, `${hoursAgo} hours ago`)
    return { ...message, t: now - hoursAgo * 3_600 }
  }
  for (let i = 0; i < 2_000; i++) whatsapp.missed.push(written(`3F${i}`, 30))
  whatsapp.missed.push(written('3F2000', 23), written('3F2001', 1))
  const told = async () => {
    const events = await readEvents(rig.redis, 's1', { after: '0-0', limit: 5_000 })
    return events
      .filter(({ event }) => event === 'message')
      .map(({ data, catchUp }) => [JSON.parse(data).text, catchUp])
  }
  const settings = { historyMs: 24 * 3_600_000 }
  for (const _ of ['paired', 'started again']) {
    const worker = await rig.startWorker({ settings })
    await rig.untilView('s1', 'ready')
    await waitFor('the look', async () => Number(await rig.redis.hget(keys.heard('s1'), 'until')) >= now)
    expect(await told()).toEqual([
      ['23 hours ago', true],
      ['1 hours ago', true],
    ])
    await worker.stop()
  }
})

it('of what is done to messages, tells what waited as missed, what is old not at all, and each once', async ({
  rig,
}) => {
  const chat = { id: '5511999887766@c.us', phone: '5511999887766@c.us' }
  const reaction = (key: string, at: number) => ({
    type: 'reaction' as const,
    act: { key, message: { id: '3E0', key: 'true_3E0' }, chat, by: chat, isMine: false, at },
    emoji: '👍',
  })
  const archived = { type: 'archived' as const, chat, archived: true, at: Date.now() }
  const hour = 3_600_000
  const before = [reaction('old', Date.now() - 24 * hour), archived]
  const script = (news: (typeof before)[number][]) => (client: FakeWhatsAppClient) => {
    client.events.on('ready', () => {
      for (const one of news) client.hear('news', one)
    })
  }
  const told = async () => {
    const events = await readEvents(rig.redis, 's1', { after: '0-0', limit: 100 })
    return events.filter(({ event }) => event === 'message.reaction' || event === 'chat.archived')
  }
  const listened = async () => Number(await rig.redis.hget(keys.heard('s1'), 'until')) > 0
  await rig.wantPaired('s1')
  const first = await rig.startWorker({ script: script(before) })
  await rig.untilView('s1', 'ready')
  await waitFor('the look', listened)
  first.clients[0]?.hear('news', reaction('new', Date.now() + hour))
  await waitFor('it', async () => (await told()).some(({ event }) => event === 'message.reaction'))
  await first.stop()
  const reactions = async () =>
    (await told()).filter(({ event }) => event === 'message.reaction').map(({ catchUp }) => catchUp)
  expect(await reactions()).toEqual([false])
  expect((await told()).map(({ event }) => event)).not.toContain('chat.archived')

  const waited = [reaction('waited', Date.now() - 1_000), reaction('new', Date.now())]
  await rig.startWorker({ script: script(waited) })
  await rig.untilView('s1', 'ready')
  await waitFor('what waited', async () => (await reactions()).length > 1)
  expect(await reactions()).toEqual([false, true])
})
