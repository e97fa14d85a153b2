import { fromHash, readNews } from '@wsg/shared/messages/message-record.ts'
import { keys } from '@wsg/shared/redis/keys.ts'
import { cancelMessages, moveMessages, type SettledMove } from '@wsg/shared/redis/message/move-message.ts'
import { expect, it } from 'vitest'
import { waitFor } from '../../support/wait-for.ts'
import { idOf, SESSION, scriptGround } from './script-ground.ts'

const ground = scriptGround()
const { own, accept, move } = ground

const recordOf = async (number: number) =>
  fromHash(await ground.redis.hgetall(keys.message(SESSION, idOf(number))))
const note = (token: string, receipts: [number, SettledMove['to']][]) =>
  moveMessages(ground.redis, {
    sessionId: SESSION,
    token,
    retentionMs: 60_000,
    moves: receipts.map(([number, to]) => ({ messageId: idOf(number), to })),
  })

it('moves each message as far as its lifecycle allows, with one command', async () => {
  const token = await own()
  for (const number of [1, 2, 3]) await accept(number)
  for (const number of [1, 2]) {
    await move(number, 'sending', token)
    await move(number, 'sent', token)
  }
  expect(
    await note(token, [
      [1, 'delivered'],
      [2, 'read'],
      [1, 'read'],
      [2, 'delivered'],
      [3, 'delivered'],
      [9, 'read'],
    ]),
  ).toEqual({ moved: 3, ackedToday: 0 })
  expect(await recordOf(1)).toMatchObject({
    state: 'read',
    sentAt: expect.any(Number),
    deliveredAt: expect.any(Number),
    readAt: expect.any(Number),
  })
  expect((await recordOf(2))?.state).toBe('read')
  expect((await recordOf(2))?.deliveredAt).toBeUndefined()
  expect((await recordOf(3))?.state).toBe('queued')
})

it('tells how many were acked today where one of them is a first ack', async () => {
  const token = await own()
  await ground.redis.hset(keys.session(SESSION), 'account', '5511900000000')
  await accept(1)
  await move(1, 'sending', token)
  expect(await note(token, [[1, 'delivered']])).toEqual({ moved: 1, ackedToday: 1 })
})

it('cancels what still waits, and nothing else', async () => {
  const token = await own()
  for (const number of [1, 2, 3]) await accept(number)
  await move(1, 'sending', token)
  const ids = [1, 2, 3, 9].map(idOf)
  expect(await cancelMessages(ground.redis, SESSION, ids, 60_000)).toBe(2)
  expect(await ground.redis.zcard(keys.queued(SESSION))).toBe(0)
  expect(await cancelMessages(ground.redis, SESSION, [], 60_000)).toBe(0)
})

it('writes nothing for who is not the owner any more', async () => {
  const token = await own()
  await accept(1)
  await move(1, 'sending', token)
  await ground.redis.set(keys.lease(SESSION), 'another')
  expect(await note(token, [[1, 'sent']])).toBe('fenced')
  expect((await recordOf(1))?.state).toBe('sending')
})

it('whoever waits is told how it stands: by receipts only where it is they that are waited for', async () => {
  const token = await own()
  const subscriber = ground.redis.duplicate()
  const heard: string[] = []
  subscriber.on('message', (_channel, text: string) => heard.push(text))
  await waitFor('the connection', () => subscriber.status === 'ready')
  await subscriber.subscribe(keys.wake('g1'))
  await accept(1)
  await accept(2, { record: { waitsFor: 'delivered' } })
  for (const number of [1, 2]) {
    await move(number, 'sending', token)
    await ground.redis.hset(keys.message(SESSION, idOf(number)), 'chatId', '5511999887766@c.us')
    await move(number, 'sent', token)
  }
  await note(token, [
    [1, 'delivered'],
    [2, 'delivered'],
  ])
  await waitFor('the last word', () => heard.length === 3)
  const told = heard.map((text) => [text.slice(0, 22), readNews(text.slice(23))] as const)
  expect(told.map(([id, news]) => [id, news?.state])).toEqual([
    [idOf(1), 'sent'],
    [idOf(2), 'sent'],
    [idOf(2), 'delivered'],
  ])
  expect(told[0]?.[1]).toEqual({
    state: 'sent',
    sentAt: (await recordOf(1))?.sentAt,
    chatId: '5511999887766@c.us',
  })
  expect(heard.join()).not.toContain('text')
  subscriber.disconnect()
})
