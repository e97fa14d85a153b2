import { createHmac } from 'node:crypto'
import { describe, expect } from 'vitest'
import { Receiver, verify } from '../../../support/receiver.ts'
import { sha256 } from '../../../support/sha256.ts'
import { waitFor } from '../../../support/wait-for.ts'
import { gatewayTest } from '../gateway-test.ts'
import { hear } from '../hear.ts'

const MARIA = '5511999887766@c.us'
const JOAO = '5511888776655@c.us'
const SHOP_TOKEN = 'token-of-the-shop'

const it = gatewayTest
  .extend(
    'environment',
    { scope: 'file' },
    {
      API_TOKENS: JSON.stringify([
        {
          ...{ name: 'shop', role: 'admin', sessions: ['shop'] },
          sha256: sha256(SHOP_TOKEN),
        },
      ]),
    },
  )
  .extend('receiver', async ({ emptied: _ }, { onCleanup }) => {
    const receiver = await Receiver.start()
    onCleanup(() => receiver.close())
    return receiver
  })

describe('a request to a webhook', () => {
  it('posts a test event when asked, signed in both ways, with its own headers, and tells what was answered', async ({
    gateway,
    ready,
    receiver,
  }) => {
    await ready('shop')
    const secret = `whsec_${Buffer.alloc(24, 7).toString('base64')}`
    const body = {
      ...{ url: receiver.url, secret, hubSignature: true, enabled: false },
      headers: { 'X-Api-Key': 'theirs', 'User-Agent': 'ours' },
    }
    const put = await gateway.ask('PUT', '/webhooks/crm', { session: 'shop', body })
    expect(put.body).toMatchObject({ headers: ['x-api-key', 'user-agent'], hubSignature: true })
    expect(JSON.stringify(put.body)).not.toContain('theirs')
    const tested = await gateway.post('/webhooks/crm/test', 'shop')
    expect(tested).toMatchObject({ status: 200, body: { success: true, httpStatus: 200, answer: 'thanks' } })
    const [received] = receiver.requests
    expect(received?.event).toMatchObject({
      ...{ id: tested.body.id, event: 'webhook.test', sessionId: 'shop', account: {} },
    })
    expect(received?.headers).toMatchObject({ 'x-api-key': 'theirs', 'user-agent': 'ours' })
    verify(secret, received as never)
    const digest = createHmac('sha256', secret)
      .update(received?.body as string)
      .digest('hex')
    expect(received?.headers['x-hub-signature-256']).toBe(`sha256=${digest}`)

    receiver.answer = () => 410
    const refused = await gateway.post('/webhooks/crm/test', 'shop')
    expect(refused.body).toMatchObject({ success: false, httpStatus: 410, answer: 'no, not now' })
    const { body: after } = await gateway.get('/webhooks/crm', 'shop')
    expect(after).toMatchObject({ enabled: false, deliveries: { pending: 0, dead: 0 } })
    expect(after).not.toHaveProperty('ended')
    const gone = await gateway.post('/webhooks/none/test', 'shop')
    expect(gone).toMatchObject({ status: 404, body: { code: 'webhook_not_found' } })
  })

  it('brings only what concerns the chats that it names, and what concerns none', async ({
    gateway,
    ready,
    receiver,
  }) => {
    const worker = await ready('shop')
    const chats = ['+55 11 99988-7766']
    await gateway.ask('PUT', '/webhooks/crm', { session: 'shop', body: { url: receiver.url, chats } })
    await hear(worker, JOAO, 'no')
    await hear(worker, MARIA, 'yes')
    await worker.publish('initializing', 'reconnecting')
    await waitFor('both', () => receiver.requests.length >= 2)
    expect(receiver.requests.map(({ event }) => event.data.text ?? event.event).toSorted()).toEqual([
      'session.status',
      'yes',
    ])
  })

  it('goes to private addresses for a token of all sessions only, and to metadata for nobody; what failed says why', async ({
    gateway,
    ready,
    receiver,
  }) => {
    const worker = await ready('shop')
    const put = (url: string, token?: string) =>
      gateway.ask('PUT', '/webhooks/crm', {
        session: 'shop',
        body: { url, events: ['message'] },
        ...(token && { token }),
      })
    const metadata = await put('http://169.254.169.254/latest')
    expect(metadata).toMatchObject({
      status: 400,
      body: { error: expect.stringContaining('169.254.169.254') },
    })
    const scoped = await put(receiver.url, SHOP_TOKEN)
    expect(scoped).toMatchObject({ status: 400, body: { error: expect.stringContaining('WEBHOOK_ALLOW') } })

    const byName = receiver.url.replace('127.0.0.1', 'localhost')
    expect((await put(byName, SHOP_TOKEN)).status).toBe(200)
    const tested = await gateway.post('/webhooks/crm/test', 'shop')
    expect(tested.body).toMatchObject({ success: false, httpStatus: null })
    const why = expect.stringMatching(/^localhost resolves to \S+, a private address.*WEBHOOK_ALLOW/)
    expect(tested.body.answer).toEqual(why)
    await hear(worker, MARIA, 'Oi')
    const failed = await waitFor('the first failure', async () => {
      const { body } = await gateway.get('/webhooks/crm/deliveries?status=pending', 'shop')
      return body.items[0]?.lastAttempt
    })
    expect(failed).toMatchObject({ httpStatus: null, answer: why })
    expect(receiver.requests).toEqual([])
    expect((await put(byName)).status).toBe(200)
    expect((await gateway.post('/webhooks/crm/test', 'shop')).body.success).toBe(true)
    await waitFor('what had failed', () => receiver.taken.some(({ event }) => event.data.text === 'Oi'))
  })
})
