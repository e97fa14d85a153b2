import type { OutgoingText } from '@wsg/worker/src/whatsapp/whatsapp-client.ts'
import { describe, expect, test } from 'vitest'
import type { ClientHarness } from './client-harness.ts'
import { arrivalsOf, nextEvent, pair, restore } from './client-steps.ts'
import { newMessageId, textTo } from './outgoing-text.ts'

const PHONE = '4915112345678'
const FRIEND = '491701234567'

/** The part of the contract that is about messages which an earlier client left without an ack. */
export function describeUnacked(harness: () => ClientHarness): void {
  describe('what had no ack when a client ended', () => {
    test('goes out again when its page is loaded, under its id', async () => {
      const first = harness().client('a')
      await pair(harness(), first, PHONE)
      await harness().setAcks(false)
      const message = textTo(`${FRIEND}@c.us`, 'hello')
      await first.sendText(message)
      await arrivalsOf(harness(), PHONE, 1)
      await first.close()
      await restore(harness().client('a'))
      const ids = (await arrivalsOf(harness(), PHONE, 2)).map(({ id }) => id)
      expect(ids).toEqual([message.messageId, message.messageId])
    })

    test('does not go out again where it is withheld, and everything else stays as it was', async () => {
      const first = harness().client('a')
      await pair(harness(), first, PHONE)
      const [acked, withheld, other] = ['acked', 'withheld', 'other'].map((text) =>
        textTo(`${FRIEND}@c.us`, text),
      ) as [OutgoingText, OutgoingText, OutgoingText]
      const ack = nextEvent(first, 'ack')
      await first.sendText(acked)
      await ack
      await harness().setAcks(false)
      await first.sendText(withheld)
      await first.sendText(other)
      await arrivalsOf(harness(), PHONE, 3)
      await first.close()

      await harness().setAcks(true)
      const second = harness().client('a')
      const otherAcked = nextEvent(second, 'ack')
      await restore(second, [withheld.messageId, acked.messageId, newMessageId()])
      expect((await otherAcked)[0]).toBe(other.messageId)
      expect((await harness().arrivals(PHONE)).map(({ body }) => body)).toEqual([
        ...['acked', 'withheld', 'other'],
        'other',
      ])
      expect(await second.findOutcome(withheld.messageId)).toEqual({ found: 'absent' })
      expect(await second.findOutcome(acked.messageId)).toMatchObject({ found: 'acked' })
    })

    test('is nothing where there is no login yet, and the page is as good as new', async () => {
      const client = harness().client('a')
      const code = nextEvent(client, 'qr')
      const ready = nextEvent(client, 'ready')
      await client.open([newMessageId()])
      await harness().scan((await code)[0], PHONE)
      await ready
      await client.sendText(textTo(`${FRIEND}@c.us`, 'hello'))
      await arrivalsOf(harness(), PHONE, 1)
    })
  })
}
