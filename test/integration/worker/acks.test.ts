import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { FakeWhatsApp } from '../../support/fake-whatsapp-client.ts'
import { type RigWorker, WorkerRig } from './worker-rig.ts'

let rig: WorkerRig
beforeAll(async () => {
  rig = await WorkerRig.start()
})
afterEach(() => rig.reset())
afterAll(() => rig.close())

const SESSION = 'sales'
const ANNA = '5511111111111'

async function ready(
  script: Parameters<WorkerRig['startWorker']>[0] = {},
): Promise<[RigWorker, FakeWhatsApp]> {
  const worker = await rig.startWorker(script)
  const whatsapp = await rig.wantPaired(SESSION)
  await rig.untilView(SESSION, 'ready')
  return [worker, whatsapp]
}

describe('acks', () => {
  it('counts an ack that comes before the call returns', async () => {
    const [, whatsapp] = await ready({
      script: (client) => {
        client.onSend = (text) => {
          whatsapp.ack(text.messageId, 'sent', client)
          whatsapp.ack(text.messageId, 'delivered', client)
          return new Promise((resolve) => setImmediate(resolve))
        }
      },
    })
    const id = await rig.send(SESSION, ANNA, 'hello')
    const record = await rig.untilState(SESSION, id, 'delivered')
    expect(record).toMatchObject({ messageId: `true_${ANNA}@c.us_${id}`, sentAt: expect.any(Number) })
  })

  it('only ever moves a message forward', async () => {
    const [{ clients }, whatsapp] = await ready()
    const id = await rig.send(SESSION, ANNA, 'hello')
    await rig.untilState(SESSION, id, 'sent')
    for (const state of ['read', 'delivered', 'sent'] as const) whatsapp.ack(id, state, clients[0])
    whatsapp.ack('3EB0FFFFFFFFFFFFFFFFFF', 'delivered', clients[0]) // sent from the phone, not by us
    const last = await rig.send(SESSION, ANNA, 'last')
    await rig.untilState(SESSION, last, 'sent')
    expect((await rig.record(SESSION, id)).state).toBe('read')
  })

  it('believes an ack more than a call that failed', async () => {
    const [{ deaths }, whatsapp] = await ready({
      script: (client) => {
        client.onSend = (text) => {
          whatsapp.ack(text.messageId, 'sent', client)
          throw new Error('the answer was lost')
        }
      },
    })
    const id = await rig.send(SESSION, ANNA, 'hello')
    expect(await rig.untilState(SESSION, id, 'sent')).toMatchObject({ messageId: `true_${ANNA}@c.us_${id}` })
    expect(deaths).toEqual([])
  })

  it('calls a message failed that WhatsApp refused', async () => {
    const [, whatsapp] = await ready({
      script: (client) => {
        client.onSend = (text) => whatsapp.ack(text.messageId, 'failed', client)
      },
    })
    const id = await rig.send(SESSION, ANNA, 'hello')
    expect(await rig.untilState(SESSION, id, 'failed')).toMatchObject({ reason: 'send_failed' })
  })
})
