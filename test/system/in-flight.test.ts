import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { buildNames } from '../simulator/builds.ts'
import { Stack } from '../support/stack.ts'
import { phoneOf } from '../support/tested-builds.ts'
import { waitFor } from '../support/wait-for.ts'

const CUSTOMER = '5511999887766'

let stack: Stack
beforeAll(async () => {
  stack = await Stack.start()
})
afterAll(async () => {
  await stack.close()
})

describe.each(buildNames)('sends in flight on WhatsApp build %s', (build) => {
  const phone = phoneOf[build]
  /** The number with which WhatsApp's server refuses a message. */
  const tellsNumber = build !== 'legacy'

  beforeAll(async () => {
    await stack.simulator.set({ build })
    await stack.pair(build, phone)
  })
  afterAll(async () => {
    await stack.api.post('/session/stop', build)
  })

  it('gives each of fifty bodies, with replies and link previews, the id that was answered for it', async () => {
    await stack.simulator.set({ linkPreviewDelayMs: 40 })
    const first = await stack.api.send(build, CUSTOMER, 'the first')
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, i) => {
        const to = i % 5 === 0 ? `55119998870${10 + i}` : CUSTOMER
        const text = i % 2 === 0 ? `number ${i}` : `number ${i} https://example.com/${i}`
        const replyTo = i % 3 === 0 && to === CUSTOMER ? { replyTo: String(first.body.id) } : {}
        return stack.api.send(build, to, { type: 'text', text, linkPreview: i % 2 === 1 }, replyTo)
      }),
    )
    const answered = answers.map(({ status, body }, i) => {
      expect([200, 202]).toContain(status)
      return [body.id, i % 2 === 0 ? `number ${i}` : `number ${i} https://example.com/${i}`]
    })
    expect(new Set(answered.map(([id]) => id)).size).toBe(50)
    await waitFor('each to be on the wire', async () => {
      const onTheWire = new Map((await stack.simulator.messages(phone)).map(({ id, body }) => [id, body]))
      expect(answered.map(([id]) => [id, onTheWire.get(String(id))])).toEqual(answered)
      return true
    })
  })

  const treat = (switches: object) => stack.simulator.set({ accounts: { [phone]: switches } })
  const record = async (id: unknown) => (await stack.api.get(`/messages/${id}`, build)).body
  const untilRestricted = (kind: string | undefined) =>
    waitFor(`the restriction ${kind}`, async () => {
      const { restriction } = (await stack.api.get('/status', build)).body as {
        restriction?: { kind: string }
      }
      return restriction?.kind === kind
    })

  it('says of each what became of it, where WhatsApp refuses, loses or blocks some of them', async () => {
    const ends = {
      '5511977000001': {
        status: 'failed',
        arrived: 0,
        ...(tellsNumber && { error: { whatsapp: { code: 499 } } }),
      },
      '5511977000002': { status: 'failed', arrived: 0 },
      '5511977000003': { status: 'unknown', arrived: 0 },
      '5511977000004': { status: 'failed', arrived: 0, error: { code: 'recipient_blocked' } },
      // Neither was heard to be taken: their receipts tell.
      '5511977000005': { status: 'read', arrived: 1 },
      '5511977000006': { status: 'read', arrived: 1 },
      [CUSTOMER]: { status: 'read', arrived: 1 },
    }
    await treat({
      nacks: { '5511977000001': 499 },
      failures: { '5511977000002': 'ERROR_UPLOAD', '5511977000003': 'ERROR_NETWORK' },
      blocked: ['5511977000004'],
      lostAnswers: { '5511977000005': 'ERROR_UNKNOWN', '5511977000006': null },
    })
    const sent = await Promise.all(Object.keys(ends).map((to) => stack.api.send(build, to, 'among others')))
    for (const [i, [to, { arrived, ...end }]] of Object.entries(ends).entries()) {
      const found = await waitFor(`the end of the one to ${to}`, async () => {
        const body = await record(sent[i]?.body.id)
        if (body.status === end.status) return body
        throw new Error(`it is ${JSON.stringify(body)}`)
      })
      expect(found).toMatchObject(end)
      const onTheWire = (await stack.simulator.messages(phone, to)).filter(
        ({ body }) => body === 'among others',
      )
      expect(onTheWire.map(({ copies }) => copies)).toEqual(Array(arrived).fill(1))
    }
  })

  if (tellsNumber)
    it('holds back those to new chats, and no others, while WhatsApp lets the account begin none', async () => {
      const [first, ...others] = ['5511966000001', '5511966000002', '5511966000003'] as const
      await treat({ nacks: { [first]: 463, [others[0]]: 475, [others[1]]: 475 } })
      const refused = await stack.api.send(build, first, 'hello')
      expect(await record(refused.body.id)).toMatchObject({
        status: 'failed',
        error: { whatsapp: { code: 463 } },
      })
      await untilRestricted('reach_out_time_lock')
      const waiting = await Promise.all(
        others.map((to) =>
          stack.api.post('/send', build, { to, message: 'hello' }, { prefer: 'respond-async' }),
        ),
      )
      const states = async () => {
        const records = await Promise.all(waiting.map(({ body }) => record(body.id)))
        return records.map(({ status }) => String(status)).sort()
      }
      expect((await stack.api.send(build, CUSTOMER, 'as always')).status).toBe(200)
      expect(await states()).toEqual(['queued', 'queued'])

      await stack.api.post('/queue/resume', build)
      await untilRestricted('new_chat_cap')
      await waitFor('one to be refused, and one held', async () => String(await states()) === 'failed,queued')

      await treat({})
      await stack.api.post('/queue/resume', build)
      await untilRestricted(undefined)
      await waitFor('the other to arrive', async () => (await states()).includes('read'))
    })
})
