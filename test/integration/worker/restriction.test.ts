import { keys } from '@wsg/shared/redis/keys.ts'
import { pauseQueue } from '@wsg/shared/redis/session/queue-settings.ts'
import { SENDING } from '@wsg/shared/sessions/engine.ts'
import { expect } from 'vitest'
import type { FakeWhatsAppClient } from '../../support/fake-whatsapp-client.ts'
import { waitFor } from '../../support/wait-for.ts'
import { workerTest as it } from './worker-test.ts'

const SESSION = 'sales'
const FRIEND = '5521111111111'
const strangers = Array.from({ length: 20 }, (_, i) => `5521${200_000_000 + i}`)

/** WhatsApp's server takes messages to the friend alone. */
const refusing = (client: FakeWhatsAppClient) => {
  client.onSend = ({ messageId, chatId }) => {
    if (chatId === `${FRIEND}@c.us`) client.whatsapp.ack(messageId, 'sent', client)
    else client.whatsapp.fail(messageId, { kind: 'refused', code: 463 }, client)
  }
}

it('does not spend the queue on new chats that WhatsApp refuses, and goes on when it takes one', async ({
  rig,
}) => {
  const worker = await rig.startWorker({ script: refusing })
  const whatsapp = await rig.wantPaired(SESSION)
  whatsapp.chats.add(`${FRIEND}@c.us`)
  await rig.untilView(SESSION, 'ready')
  const [first = '', ...others] = strangers
  const failed = await rig.send(SESSION, first, 'first')
  await rig.untilState(SESSION, failed, 'failed')
  const waiting = await Promise.all(others.map((to) => rig.send(SESSION, to, 'waits')))
  await rig.untilState(SESSION, await rig.send(SESSION, FRIEND, 'to a friend'), 'sent')
  expect(whatsapp.bodies()).toEqual(['first', 'to a friend'])
  expect(await rig.redis.hgetall(keys.session(SESSION))).toMatchObject({
    restriction: 'reach_out_time_lock',
    restrictionMet: '0',
    status: 'ready',
  })

  // It outlives its owner, and an operator has it tried, also while there is none.
  await rig.crash(worker, SESSION)
  await pauseQueue(rig.redis, SESSION, false)
  let isTaken = false
  await rig.startWorker({
    script: (client) => {
      client.onSend = ({ messageId }) => {
        if (isTaken) whatsapp.ack(messageId, 'sent', client)
        else whatsapp.fail(messageId, { kind: 'refused', code: 463 }, client)
      }
    },
  })
  await rig.place(SESSION)
  await rig.untilView(SESSION, 'ready')
  await waitFor('the next pause', async () => {
    const { restrictionMet } = await rig.redis.hgetall(keys.session(SESSION))
    return restrictionMet === '1'
  })
  expect(whatsapp.bodies()).toEqual(['first', 'to a friend', 'waits'])
  isTaken = true
  await pauseQueue(rig.redis, SESSION, false)
  await rig.queueSettingsChanged(SESSION)
  await waitFor('the rest', () => whatsapp.bodies().length === 2 + others.length)
  await rig.untilState(SESSION, waiting.at(-1) as string, 'sent')
  await waitFor(
    'the end of it',
    async () => (await rig.redis.hget(keys.session(SESSION), 'restriction')) === null,
  )
})

it('hands over nothing while the page lacks what sending needs, and loses nothing of it', async ({ rig }) => {
  const part = { name: 'WAWebMsgKey', concerns: [SENDING] }
  const engine = { library: 'whatsapp-web.js 1', page: '2.3000.1', missing: [part] }
  const worker = await rig.startWorker({
    script: (client) => {
      client.onOpen = () => void setImmediate(() => client.hear('engine', engine))
    },
  })
  const whatsapp = await rig.wantPaired(SESSION)
  await rig.untilView(SESSION, 'ready')
  const id = await rig.send(SESSION, FRIEND, 'waits')
  await waitFor(
    'the word',
    async () => (await rig.redis.hget(keys.session(SESSION), 'sendingLacks')) !== null,
  )
  await rig.untilState(SESSION, id, 'queued')
  expect(whatsapp.bodies()).toEqual([])
  worker.clients[0]?.hear('engine', { ...engine, missing: [] })
  await rig.untilState(SESSION, id, 'sent')
  worker.clients[0]?.hear('engine', engine)
  const later = await rig.send(SESSION, FRIEND, 'waits as well')
  await waitFor(
    'its word',
    async () => (await rig.redis.hget(keys.session(SESSION), 'sendingLacks')) !== null,
  )
  expect((await rig.record(SESSION, later)).state).toBe('queued')
  worker.clients[0]?.hear('engine', { ...engine, missing: [] })
  await rig.untilState(SESSION, later, 'sent')
})
