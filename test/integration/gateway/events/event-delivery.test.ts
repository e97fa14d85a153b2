import { expect } from 'vitest'
import { EventReader } from '../../../support/event-reader.ts'
import { GatewayProcess } from '../../../support/gateway-process.ts'
import { Receiver } from '../../../support/receiver.ts'
import { redisTest } from '../../../support/redis-test.ts'
import { waitFor } from '../../../support/wait-for.ts'
import { ActingWorker } from '../acting-worker.ts'
import { hear } from '../hear.ts'

const TOKEN = 'token-of-the-tests'
const MARIA = '5511999887766@c.us'

redisTest(
  'a gateway is killed: another delivers to webhooks and readers, in order, under the same ids',
  async ({ server, onTestFinished }) => {
    const start = async () => {
      const gateway = await GatewayProcess.start({ REDIS_URL: server.url, API_TOKEN: TOKEN })
      onTestFinished(() => gateway.end('SIGKILL'))
      return gateway
    }
    const receiver = await Receiver.start()
    onTestFinished(() => receiver.close())
    const worker = await ActingWorker.ready(server.url, 'shop')
    onTestFinished(() => worker.close())
    const first = await start()
    const put = await fetch(`${first.address}/webhooks/crm`, {
      method: 'PUT',
      headers: {
        ...{ authorization: `Bearer ${TOKEN}`, 'x-session-id': 'shop' },
        'content-type': 'application/json',
      },
      body: JSON.stringify({ url: receiver.url, events: ['message'] }),
    })
    expect(put.status).toBe(200)
    const reader = await EventReader.open(first.address, TOKEN, { session: 'shop' })
    await hear(worker, MARIA, 'one')
    await waitFor('the first event', () => receiver.taken.length === 1 && reader.events.length === 1)

    receiver.answer = () => 503
    await hear(worker, MARIA, 'two', 'three')
    await waitFor('a failure', () => receiver.requests.length > 1)
    await first.end('SIGKILL')
    await reader.ended
    await hear(worker, MARIA, 'four')
    receiver.answer = () => 200
    const second = await start()
    const again = await EventReader.open(second.address, TOKEN, { session: 'shop', after: reader.lastId })
    onTestFinished(() => again.close())
    await waitFor(
      'the rest',
      () => receiver.taken.length === 4 && reader.events.length + again.events.length === 4,
    )

    const texts = ['one', 'two', 'three', 'four']
    expect(receiver.taken.map(({ event }) => event.data.text)).toEqual(texts)
    const read = [...reader.events, ...again.events]
    expect(read.map(({ event }) => event.data.text)).toEqual(texts)
    expect(read.map(({ event }) => event)).toEqual(receiver.taken.map(({ event }) => event))
  },
)
