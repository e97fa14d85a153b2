import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { browsersOn, isAlive, rendererOn } from '../support/processes.ts'
import { kill, Stack } from '../support/stack.ts'
import { newest } from '../support/tested-builds.ts'
import { waitFor } from '../support/wait-for.ts'

const PHONE = '5511911111111'
const CUSTOMER = '5511999887766'

/** Each test leaves the session ready for the next, which is itself part of what is claimed. */
describe.each(newest)('a logged-in session on the build %s', (build) => {
  let stack: Stack

  beforeAll(async () => {
    stack = await Stack.start({ simulator: { build }, converter: true })
    await stack.pair('sales', PHONE)
  })
  afterAll(async () => {
    await stack.close()
  })

  /** Sends while the session is away, and checks that the text arrived exactly once. */
  async function sendOnceDuring(what: string): Promise<void> {
    const text = `sent while ${what}`
    const { status, body } = await stack.api.send('sales', CUSTOMER, text)
    expect([200, 202]).toContain(status)
    await waitFor(`«${text}» to be sent`, async () => {
      const record = await stack.api.get(`/messages/${body.id}`, 'sales')
      return ['sent', 'delivered', 'read'].includes(String(record.body.status))
    })
    const copies = (await stack.simulator.messages(PHONE, CUSTOMER)).filter(
      (message) => message.body === text,
    )
    expect(copies.map((message) => message.copies)).toEqual([1])
  }

  it('comes back without a new QR code when its worker is killed, and sends once what arrived meanwhile', async () => {
    const worker = stack.workerOf('sales')
    const browser = stack.browserOf('sales')
    kill(worker.pid, 'SIGKILL')
    await sendOnceDuring('the worker was dead')
    expect(isAlive(worker.pid)).toBe(false)
    expect(isAlive(browser.pid)).toBe(false)
    await stack.untilBack('sales', browser.pid)
  })

  it('knows in the end that sixteen were delivered which were in flight when its worker died, forwards too, though nobody asks', async () => {
    const first = await stack.api.send('sales', CUSTOMER, 'in flight')
    const forward = { type: 'forward', messageId: first.body.id }
    await stack.simulator.set({ serverAckDelayMs: 4_000 })
    const sent = await Promise.all(
      Array.from({ length: 16 }, (_, n) =>
        stack.api.post(
          '/send',
          'sales',
          { to: `55119977000${10 + n}`, message: n < 4 ? forward : 'in flight' },
          { prefer: 'respond-async' },
        ),
      ),
    )
    const inFlight = async () =>
      (await stack.simulator.messages(PHONE)).filter(
        ({ body, to }) => body === 'in flight' && to !== CUSTOMER,
      )
    await waitFor('sixteen on the wire', async () => (await inFlight()).length === 16)
    const browser = stack.browserOf('sales')
    kill(stack.workerOf('sales').pid, 'SIGKILL')
    await stack.simulator.set({ serverAckDelayMs: 0 })
    await stack.untilBack('sales', browser.pid)
    for (const { body } of sent)
      await waitFor(`${body.id} to be delivered`, async () => {
        const record = await stack.api.get(`/messages/${body.id}`, 'sales')
        return ['delivered', 'read'].includes(String(record.body.status))
      })
    expect((await inFlight()).map(({ copies }) => copies)).toEqual(Array(16).fill(1))
  })

  it('comes back when its Chromium is killed', async () => {
    const browser = stack.browserOf('sales')
    kill(browser.pid, 'SIGKILL')
    await sendOnceDuring('Chromium was dead')
    await stack.untilBack('sales', browser.pid)
  })

  it('comes back by itself every time when its Chromium is killed ten times, and takes messages all the while', async () => {
    for (let n = 1; n <= 10; n++) {
      const browser = stack.browserOf('sales')
      kill(browser.pid, 'SIGKILL')
      await sendOnceDuring(`Chromium was dead for the ${n}. time in a row`)
      await stack.untilBack('sales', browser.pid)
    }
    const { body } = await stack.api.get('/status', 'sales')
    expect(body).toMatchObject({ status: 'ready', reason: 'connected' })
  })

  it('comes back when its renderer is killed', async () => {
    const browser = stack.browserOf('sales')
    const renderer = rendererOn(stack.profilePath('sales'))
    if (renderer === undefined) throw new Error('no renderer was found')
    kill(renderer.pid, 'SIGKILL')
    await sendOnceDuring('the renderer was dead')
    await stack.untilBack('sales', browser.pid)
  })

  it('comes back when its page hangs', async () => {
    // This page alone: the one of the next browser is to open before anybody could say that it may.
    await stack.simulator.post('/hang', { account: PHONE, how: 'frozen' })
    const browser = stack.browserOf('sales')
    await waitFor('the hung browser to be given up', () => !isAlive(browser.pid), { timeoutMs: 90_000 })
    await stack.untilBack('sales', browser.pid)
    await sendOnceDuring('the page had hung')
  })

  it('stays ready when the gateway is killed, and the gateway comes back', async () => {
    const gateway = stack.gateway()
    const worker = stack.workerOf('sales')
    kill(gateway.pid, 'SIGKILL')
    await waitFor('the gateway to answer again', async () => (await stack.api.get('/livez')).status === 200)
    await sendOnceDuring('the gateway had been killed')
    expect(isAlive(worker.pid)).toBe(true)
  })

  it('comes back when everything is killed at once, and sends what had been accepted before', async () => {
    await stack.simulator.set({ serverAckDelayMs: 60_000 })
    const accepted = await stack.api.post(
      '/send',
      'sales',
      { to: '5511900000001', message: 'held in the queue' },
      { prefer: 'respond-async' },
    )
    expect(accepted.status).toBe(202)
    await stack.killEverything()
    expect(browsersOn(stack.profilePath('sales'))).toEqual([])
    await stack.simulator.set({ serverAckDelayMs: 0 })
    await stack.start()
    await stack.api.until('sales', 'ready')
    await sendOnceDuring('everything had been killed')
  })

  it('comes back after a clean stop and a second start', async () => {
    expect(await stack.stop()).toBe(0)
    expect(browsersOn(stack.profilePath('sales'))).toEqual([])
    await stack.start()
    await stack.api.until('sales', 'ready')
    await sendOnceDuring('it had been restarted')
  })
})
