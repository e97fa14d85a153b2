import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Stack } from '../support/stack.ts'

const PHONE = '5511911111111'
const CUSTOMER = '5511999887766'

describe.each(['legacy', '2026-07', '2026-09'])(
  'fifty sends in flight with replies and link previews, build %s',
  (build) => {
    let stack: Stack

    beforeAll(async () => {
      stack = await Stack.start({ simulator: { build } })
      await stack.pair('sales', PHONE)
    })
    afterAll(async () => {
      await stack.close()
    })

    it('gives each body the id that was answered for it', async () => {
      await stack.simulator.set({ linkPreviewDelayMs: 40 })
      const first = await stack.api.send('sales', CUSTOMER, 'the first')
      const answers = await Promise.all(
        Array.from({ length: 50 }, (_, i) => {
          const to = i % 5 === 0 ? `55119998870${10 + i}` : CUSTOMER
          const text = i % 2 === 0 ? `number ${i}` : `number ${i} https://example.com/${i}`
          const replyTo = i % 3 === 0 && to === CUSTOMER ? { replyTo: String(first.body.id) } : {}
          return stack.api.send('sales', to, { type: 'text', text, linkPreview: i % 2 === 1 }, replyTo)
        }),
      )
      const answered = answers.map(({ status, body }, i) => {
        expect([200, 202]).toContain(status)
        return [body.id, i % 2 === 0 ? `number ${i}` : `number ${i} https://example.com/${i}`]
      })
      const onTheWire = new Map((await stack.simulator.messages(PHONE)).map(({ id, body }) => [id, body]))
      expect(new Set(answered.map(([id]) => id)).size).toBe(50)
      expect(answered.map(([id]) => [id, onTheWire.get(String(id))])).toEqual(answered)
    })
  },
)
