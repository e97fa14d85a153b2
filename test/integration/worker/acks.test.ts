import type { MessageRecord } from '@wsg/shared/messages/message-record.ts'
import type { SendFailure } from '@wsg/worker/src/whatsapp/whatsapp-client.ts'
import { describe, expect } from 'vitest'
import { workerTest as it } from './worker-test.ts'

const SESSION = 'sales'
const ANNA = '5511111111111'

describe('acks', () => {
  it('counts an ack that comes before the call returns', async ({ rig }) => {
    const [, whatsapp] = await rig.ready({
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

  it('only ever moves a message forward', async ({ rig }) => {
    const [{ clients }, whatsapp] = await rig.ready()
    const id = await rig.send(SESSION, ANNA, 'hello')
    await rig.untilState(SESSION, id, 'sent')
    for (const state of ['read', 'delivered', 'sent'] as const) whatsapp.ack(id, state, clients[0])
    whatsapp.ack('3EB0FFFFFFFFFFFFFFFFFF', 'delivered', clients[0]) // sent from the phone, not by us
    const last = await rig.send(SESSION, ANNA, 'last')
    await rig.untilState(SESSION, last, 'sent')
    expect((await rig.record(SESSION, id)).state).toBe('read')
  })

  it('believes an ack more than a call that failed', async ({ rig }) => {
    const [{ deaths }, whatsapp] = await rig.ready({
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

  it.for<[what: string, failure: SendFailure, record: Partial<MessageRecord>]>([
    [
      'failed, with its number, where WhatsApp refused it',
      { kind: 'refused', code: 488 },
      { state: 'failed', reason: 'send_failed', refusal: 488, detail: expect.stringContaining('form') },
    ],
    [
      'failed, without a number, where the page tells none',
      { kind: 'refused', code: null },
      { state: 'failed', reason: 'send_failed', detail: 'WhatsApp refused it.' },
    ],
    [
      'failed where it failed before it left',
      { kind: 'not_sent' },
      { state: 'failed', reason: 'send_failed' },
    ],
    [
      'unknown at once where the page gave it up without proof',
      { kind: 'uncertain', said: 'ERROR_NETWORK' },
      { state: 'unknown', reason: 'outcome_unknown', detail: expect.stringContaining('ERROR_NETWORK') },
    ],
  ])('calls a message %s, and goes on with its chat', async ([, failure, expected], { rig }) => {
    const [{ deaths }, whatsapp] = await rig.ready({
      script: (client) => {
        client.onSend = ({ messageId, body }) =>
          body === 'hello'
            ? whatsapp.fail(messageId, failure, client)
            : whatsapp.ack(messageId, 'sent', client)
      },
    })
    const id = await rig.send(SESSION, ANNA, 'hello')
    const next = await rig.send(SESSION, ANNA, 'next')
    await rig.untilState(SESSION, next, 'sent')
    expect(await rig.record(SESSION, id)).toMatchObject(expected)
    expect(deaths).toEqual([])
  })

  it('corrects what the page gave up without proof as soon as a receipt of it comes', async ({ rig }) => {
    const [{ clients }, whatsapp] = await rig.ready({
      script: (client) => {
        const failure = { kind: 'uncertain', said: 'ERROR_NETWORK' } as const
        client.onSend = ({ messageId }) => whatsapp.fail(messageId, failure, client)
      },
    })
    const id = await rig.send(SESSION, ANNA, 'hello')
    await rig.untilState(SESSION, id, 'unknown')
    whatsapp.ack(id, 'delivered', clients[0])
    expect(await rig.untilState(SESSION, id, 'delivered')).not.toHaveProperty('reason')
  })
})
