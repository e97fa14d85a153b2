import { readEvents } from '@wsg/client/src/client.ts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Stack } from '../support/stack.ts'
import { oldestAndNewest } from '../support/tested-builds.ts'
import { waitFor } from '../support/wait-for.ts'

const SALES_PHONE = '5511911111111'
const SUPPORT_PHONE = '5511922222222'
const CUSTOMER = '5511999887766'

describe.each(oldestAndNewest)('the usage guide, followed by hand, on WhatsApp build %s', (build) => {
  let stack: Stack

  beforeAll(async () => {
    stack = await Stack.start({ simulator: { build } })
  })
  afterAll(async () => {
    await stack.close()
  })

  it('says that a new session does not exist, in the words of the guide', async () => {
    const { status, body } = await stack.api.get('/status', 'new-session')
    expect(status).toBe(200)
    expect(body).toMatchObject({
      sessionId: 'new-session',
      status: 'not_found',
      message: 'Session does not exist. Request QR code to create.',
    })
  })

  it('refuses to send from a session that does not exist', async () => {
    const { status, body } = await stack.api.send('new-session', CUSTOMER, 'Hello from WhatsApp!')
    expect(status).toBe(404)
    expect(body.error).toMatch(/^Session does not exist/)
  })

  it('gives a QR code for a new session, refuses to send before the scan, and is ready after it', async () => {
    const { status, body } = await stack.api.get('/qr', 'sales')
    expect(status).toBe(200)
    expect(body).toMatchObject({
      sessionId: 'sales',
      status: 'waiting_qr',
      message: 'Scan this QR code with WhatsApp',
    })
    expect(body.qr).toMatch(/^data:image\/png;base64,iVBORw0KGgo/)
    expect(body.code).toEqual(expect.any(String))

    const early = await stack.api.send('sales', CUSTOMER, 'Too early')
    expect(early.status).toBe(409)
    expect(early.body.error).toBe(
      "Session 'sales' not ready. Status: waiting_qr. Please check QR code endpoint.",
    )
    expect(early.body).toMatchObject({ sessionId: 'sales', sessionStatus: 'waiting_qr' })

    await stack.simulator.scan({ qr: String(body.code), phone: SALES_PHONE })
    const ready = await stack.api.until('sales', 'ready')
    expect(ready).toMatchObject({
      sessionId: 'sales',
      status: 'ready',
      message: 'Connected and ready to send messages',
      messageCount: 0,
    })
    expect(ready.connectedAt).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
  })

  it('shows the QR code as a picture and as text for a terminal', async () => {
    const asPng = await stack.api.request('/qr', { session: 'marketing', headers: { accept: 'image/png' } })
    expect(asPng.status).toBe(200)
    expect(asPng.headers.get('content-type')).toContain('image/png')
    const asText = await stack.api.request('/qr', { session: 'marketing', headers: { accept: 'text/plain' } })
    expect(asText.headers.get('content-type')).toContain('text/plain')
    expect(asText.text).toMatch(/[█▀▄]/)
    await stack.api.request('/session', { method: 'DELETE', session: 'marketing' })
  })

  it('sends a message, which arrives once, and counts it', async () => {
    const { status, body } = await stack.api.send('sales', CUSTOMER, 'Hello from Sales!')
    expect(status).toBe(200)
    expect(body).toMatchObject({ success: true, sessionId: 'sales', to: { input: CUSTOMER } })
    const arrived = await stack.simulator.messages(SALES_PHONE, CUSTOMER)
    expect(arrived.map(({ id, body, copies }) => ({ id, body, copies }))).toEqual([
      { id: body.id, body: 'Hello from Sales!', copies: 1 },
    ])
    await waitFor(
      'the message to be counted',
      async () => (await stack.api.get('/status', 'sales')).body.messageCount === 1,
    )
    const record = await stack.api.get(`/messages/${body.id}`, 'sales')
    expect(record.status).toBe(200)
    expect(record.body).toMatchObject({ id: body.id, sessionId: 'sales' })
  })

  it('is walked by the typed client: send, wait for the outcome, read events, and a refusal with its code', async () => {
    const client = stack.api.of('sales')
    const { address, token } = stack.api
    const stop = new AbortController()
    const told: string[] = []
    const read = (async () => {
      const options = { address, token, session: 'sales', signal: stop.signal }
      for await (const { event } of readEvents({ ...options, types: ['message', 'message.status'] })) {
        if (event.event === 'message') told.push(event.data.text)
        if (event.event === 'message.status') told.push(`${event.data.reference} ${event.data.status}`)
      }
    })()
    await waitFor('the reader to read', async () => {
      await stack.simulator.inbound(SALES_PHONE, CUSTOMER, 'Is anybody there?')
      return told.includes('Is anybody there?')
    })
    const { data, error } = await client.POST('/send', {
      params: { query: { wait: 'delivered' } },
      body: { to: CUSTOMER, message: { type: 'text', text: 'Yes' }, reference: 'answer' },
    })
    expect(error).toBeUndefined()
    const { id = '' } = data ?? {}
    await waitFor('it to be delivered', async () => {
      const { data: record } = await client.GET('/messages/{id}', { params: { path: { id } } })
      return record?.deliveredAt !== undefined
    })
    await waitFor('its event', () => told.includes('answer delivered'))
    stop.abort()
    await read
    const unknown = await client.GET('/messages/{id}', { params: { path: { id: 'unknown' } } })
    expect(unknown.error?.code).toBe('message_not_found')
    const wrong = readEvents({ address, token: 'wrong', session: 'sales' })
    await expect(wrong.next()).rejects.toMatchObject({ problem: { code: 'unauthorized' } })
  })

  it('runs two sessions side by side, each with its own account', async () => {
    await stack.pair('support', SUPPORT_PHONE)
    const [fromSales, fromSupport] = await Promise.all([
      stack.api.send('sales', CUSTOMER, 'Sales again'),
      stack.api.send('support', CUSTOMER, 'Hello from Support!'),
    ])
    expect([fromSales.status, fromSupport.status]).toEqual([200, 200])
    const arrived = await stack.simulator.messages(SUPPORT_PHONE, CUSTOMER)
    expect(arrived.map(({ body }) => body)).toEqual(['Hello from Support!'])
  })

  it('answers /health in the shape of the guide', async () => {
    const { status, body } = await waitFor('the deleted session to be gone', async () => {
      const answer = await stack.api.get('/health')
      return (answer.body.sessions as { total: number }).total === 2 && answer
    })
    expect(status).toBe(200)
    expect(body).toMatchObject({
      status: 'ok',
      sessions: { total: 2, ready: 2, waiting_qr: 0, initializing: 0, failed: 0 },
      uptime: expect.any(Number),
    })
  })

  it('tells a session that is logged in already that it needs no QR code', async () => {
    const { status, body } = await stack.api.get('/qr', 'sales')
    expect(status).toBe(200)
    expect(body).toMatchObject({ sessionId: 'sales', status: 'ready', qr: null })
  })

  it('asks the page itself when the status is wanted live, and shows the page', async () => {
    const live = await stack.api.get('/status?live=true', 'sales')
    expect(live.body).toMatchObject({ status: 'ready', phone: SALES_PHONE })
    const picture = await stack.api.get('/screenshot', 'sales')
    expect(picture.status).toBe(200)
    expect(picture.headers.get('content-type')).toContain('image/png')
  })

  it('refuses a number that is not on WhatsApp, and says so', async () => {
    await stack.simulator.set({ unregistered: ['5511900000000'] })
    const { status, body } = await stack.api.send('sales', '5511900000000', 'Anybody there?')
    expect(status).toBe(422)
    expect(body.code).toBe('recipient_not_on_whatsapp')
  })

  it('pairs by a code that is typed into the phone', async () => {
    const { status, body } = await stack.api.post('/pairing-code', 'typed', { phoneNumber: '5511933333333' })
    expect(status).toBe(200)
    await stack.simulator.scan({ code: String(body.code), phone: '5511933333333' })
    await stack.api.until('typed', 'ready')
  })

  it('stops, starts and restarts a session without a new QR code', async () => {
    expect((await stack.api.post('/session/stop', 'typed')).status).toBeLessThan(300)
    await stack.api.until('typed', 'stopped')
    const refused = await stack.api.send('typed', CUSTOMER, 'Not now')
    expect(refused.status).toBe(409)
    expect((await stack.api.post('/session/start', 'typed')).status).toBeLessThan(300)
    await stack.api.until('typed', 'ready')
    expect((await stack.api.post('/session/restart', 'typed')).status).toBeLessThan(300)
    await waitFor(
      'the session to have left ready',
      async () => (await stack.api.get('/status', 'typed')).body.status !== 'ready',
    )
    await stack.api.until('typed', 'ready')
  })

  it('logs a session out: the phone lists it no more, and what waited goes out once it scanned again', async () => {
    expect((await stack.api.post('/queue/pause', 'typed')).status).toBe(200)
    const waiting = await stack.api.post('/send?wait=none', 'typed', {
      to: CUSTOMER,
      message: 'After the logout',
    })
    const { status, body } = await stack.api.post('/session/logout', 'typed')
    expect([status, body.status, body.reason]).toEqual([200, 'stopped', 'unlinked'])
    expect(await stack.simulator.logout('5511933333333')).toBe(0)
    const { code } = (await stack.api.get('/qr', 'typed')).body
    await stack.simulator.scan({ qr: String(code), phone: '5511933333333' })
    await stack.api.until('typed', 'ready')
    expect((await stack.api.get(`/messages/${waiting.body.id}`, 'typed')).body.status).toBe('queued')
    await stack.api.post('/queue/resume', 'typed')
    await waitFor('the message', async () => {
      const sent = await stack.simulator.messages('5511933333333', CUSTOMER)
      return sent.some(({ body: text }) => text === 'After the logout')
    })
  })

  it('says failed when the phone logs the session out, and offers a new QR code', async () => {
    await stack.simulator.logout('5511933333333')
    const failed = await stack.api.until('typed', 'failed')
    expect(failed.reason).toBe('logged_out')
    const { body } = await stack.api.get('/qr', 'typed')
    expect(body.status).toBe('waiting_qr')
  })

  it('forgets a session that is deleted', async () => {
    expect((await stack.api.request('/session', { method: 'DELETE', session: 'typed' })).status).toBe(202)
    await stack.api.until('typed', 'not_found')
    const { body } = await stack.api.get('/sessions')
    const ids = (body.items as { sessionId: string }[]).map(({ sessionId }) => sessionId)
    expect(ids.sort()).toEqual(['sales', 'support'])
  })
})
