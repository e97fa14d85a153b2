import { cpSync } from 'node:fs'
import { join } from 'node:path'
import puppeteer from 'puppeteer'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { chromium } from '../support/chromium.ts'
import { overload } from '../support/overload.ts'
import { rendererOn } from '../support/processes.ts'
import { patient } from './patient.ts'
import { StockSession } from './stock-session.ts'
import { type WalkGround, walkGround } from './walk-ground.ts'

const ANN = '491701234567'
const FRIEND = '15550001111'

describe('faults', () => {
  let ground: WalkGround
  let ann: StockSession

  beforeEach(async () => {
    ground = await walkGround({ reconnectDelayMs: 50 })
    ann = await StockSession.paired(ground.simulator, ground.folder, ANN)
  })
  afterEach(async () => {
    await ann[Symbol.asyncDispose]()
    await ground[Symbol.asyncDispose]()
  })

  test('when one login opens twice the older page gets CONFLICT', async () => {
    const copy = join(ground.folder, 'copied-profile')
    // A running browser removes files while they are copied.
    await vi.waitFor(() => cpSync(join(ground.folder, `session-${ANN}`), copy, { recursive: true }), patient)
    const browser = await puppeteer.launch({ ...chromium(ground.simulator.chromiumArgs), userDataDir: copy })
    try {
      const [page] = await browser.pages()
      // WhatsApp Web turns away a browser that calls itself headless.
      await page?.setUserAgent({ userAgent: (await browser.userAgent()).replace('Headless', '') })
      await page?.goto('https://web.whatsapp.com/')
      await vi.waitFor(() => expect(ann.emitted.disconnected).toEqual(['CONFLICT']), patient)
      await vi.waitFor(async () => {
        expect(await page?.evaluate("window.require('WAWebSocketModel').Socket.state")).toBe('CONNECTED')
      }, patient)
    } finally {
      await browser.close()
    }
  })

  test('a conflict on request is told to the page', async () => {
    expect(await ground.control.conflict(ANN)).toEqual({ pages: 1 })
    await vi.waitFor(() => expect(ann.emitted.disconnected).toEqual(['CONFLICT']), patient)
  })

  test('a dropped socket comes back by itself, and what was on its way arrives once', async () => {
    await ann.client.getChatById(`${FRIEND}@c.us`)
    await ground.control.settings({ refusePages: true })
    await ground.control.drop(ANN)
    await vi.waitFor(() => expect(ann.emitted.states).toEqual(['OPENING']), patient)
    const sent = await ann.client.sendMessage(`${FRIEND}@c.us`, 'through the gap')
    await ground.control.settings({ refusePages: false })
    await vi.waitFor(() => expect(ann.emitted.states).toEqual(['OPENING', 'CONNECTED']), patient)
    await vi.waitFor(() => expect(ann.acksOf(sent.id.id)).toEqual([1, 2, 3]), patient)
    expect(await ground.control.messages(ANN, FRIEND)).toMatchObject([{ body: 'through the gap', copies: 1 }])

    await ground.control.settings({ queryDelayMs: 60_000 })
    const creating = ann.client.createGroup('Tea', [])
    await vi.waitFor(async () => expect(await ground.control.queries()).toContain('group.create'), patient)
    await ground.control.settings({ queryDelayMs: 0 })
    // The server has made the group, and its answer is lost.
    await ground.control.drop(ANN, { arrives: true })
    const [group, ...others] = await ground.control.groups()
    expect(await creating).toMatchObject({ gid: { _serialized: group?.id } })
    expect([others, await ground.control.groups()]).toEqual([[], [group]])
    expect(ann.emitted).toMatchObject({ ready: 1, disconnected: [] })
  })

  test('a wedged page says CONNECTED while no call ends, and goes on when it is released', async () => {
    await ground.control.hang(ANN, 'wedged')
    await vi.waitFor(async () => {
      let ended = false
      void ann.client.getNumberId(FRIEND).then(() => {
        ended = true
      })
      expect(await ann.client.getState()).toBe('CONNECTED')
      expect(ended).toBe(false)
    }, patient)
    const sending = ann.client.sendMessage(`${FRIEND}@c.us`, 'late')
    expect(await ground.control.messages(ANN, FRIEND)).toEqual([])
    await ground.control.settings({ hangPage: 'no' })
    expect((await sending).body).toBe('late')
  })

  test('a crashed renderer is seen on the page, and a reload brings the session back', async () => {
    const page = ann.client.pupPage
    const crashed = new Promise<Error>((resolve) => page?.once('error', resolve))
    await ground.control.crash(ANN)
    expect((await crashed).message).toContain('crashed')
    await page?.reload()
    await vi.waitFor(() => expect(ann.emitted.ready).toBe(2), patient)
    expect((await ann.client.sendMessage(`${FRIEND}@c.us`, 'back')).body).toBe('back')
  })

  test('a killed browser keeps its login and its messages, and what had no ack does not go out again', async () => {
    await ground.control.settings({ noAck: true })
    const texts = ['a', 'b', 'c', 'd']
    await Promise.all(texts.map((text) => ann.client.sendMessage(`${FRIEND}@c.us`, text)))
    await vi.waitFor(async () => expect(await ground.control.messages(ANN, FRIEND)).toHaveLength(4), patient)
    const child = ann.client.pupBrowser?.process()
    const exit = new Promise((resolve) => child?.once('exit', resolve))
    child?.kill('SIGKILL')
    await exit
    await ground.control.settings({ noAck: false })

    const again = new StockSession(ground.simulator, ground.folder, { clientId: ANN })
    await ann[Symbol.asyncDispose]()
    ann = again
    await again.ready()
    expect(again.emitted.qr).toEqual([])
    const chat = await again.client.getChatById(`${FRIEND}@c.us`)
    const kept = await chat.fetchMessages({ limit: 10 })
    expect(kept.map(({ body, ack }) => [body, ack])).toEqual(texts.map((text) => [text, 0]))
    const next = await again.client.sendMessage(`${FRIEND}@c.us`, 'next')
    await vi.waitFor(() => expect(again.acksOf(next.id.id)).toEqual([1, 2, 3]), patient)
    const wire = (await ground.control.ledger()).map(({ body, copy }) => `${body}${copy}`)
    expect(wire).toEqual(['a1', 'b1', 'c1', 'd1', 'next1'])
  })

  test('a running browser finds a simulator that was started again, with its login and its messages', async () => {
    await ann.client.sendMessage(`${FRIEND}@c.us`, 'before')
    await ground.restart()
    await vi.waitFor(() => expect(ann.emitted.states).toEqual(['OPENING', 'CONNECTED']), patient)
    const sent = await ann.client.sendMessage(`${FRIEND}@c.us`, 'after')
    await vi.waitFor(() => expect(ann.acksOf(sent.id.id)).toEqual([1, 2, 3]), patient)
    const messages = await ground.control.messages(ANN, FRIEND)
    expect(messages.map(({ body, copies }) => [body, copies])).toEqual([
      ['before', 1],
      ['after', 1],
    ])
  })

  test('a change of settings is answered when the open pages have it, and not before', async () => {
    const renderer = rendererOn(join(ground.folder, `session-${ANN}`))?.pid ?? Number.NaN
    process.kill(renderer, 'SIGSTOP')
    let isAnswered = false
    const changing = ground.control.settings({ chatNeedsLid: true }).then(() => {
      isAnswered = true
    })
    await vi.waitFor(
      async () => expect((await ground.control.readSettings()).chatNeedsLid).toBe(true),
      patient,
    )
    await ground.control.accounts()
    expect(isAnswered).toBe(false)
    process.kill(renderer, 'SIGCONT')
    await changing
    await expect(ann.client.sendMessage(`${FRIEND}@c.us`, 'x')).rejects.toThrow('No LID for user')

    process.kill(renderer, 'SIGSTOP')
    const leaving = ground.control.settings({ chatNeedsLid: false })
    await vi.waitFor(
      async () => expect((await ground.control.readSettings()).chatNeedsLid).toBe(false),
      patient,
    )
    ann.client.pupBrowser?.process()?.kill('SIGKILL')
    // A page that went away is not waited for.
    await leaving
    // A renderer that is stopped does not notice that its browser is gone.
    process.kill(renderer, 'SIGKILL')
  })

  test('a page that hangs is told to, and keeps nobody waiting afterwards', async () => {
    expect(await ground.control.hang(ANN, 'frozen')).toEqual({ pages: 1 })
    const began = performance.now()
    await ground.control.settings({ hangPage: 'no' })
    await ground.control.inbound(ANN, FRIEND, 'x')
    expect(performance.now() - began).toBeLessThan(5_000 * overload())
  })

  test('the page grows when it is told to', async () => {
    const heapBytes = async () => (await ann.client.pupPage?.metrics())?.JSHeapUsedSize ?? 0
    const before = await heapBytes()
    await ground.control.settings({ leakMbPerSecond: 50 })
    await vi.waitFor(async () => expect(await heapBytes()).toBeGreaterThan(before + 10_000_000), patient)
  })
})
