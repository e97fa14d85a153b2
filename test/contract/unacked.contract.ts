import type { OutgoingMessage } from '@wsg/worker/src/whatsapp/whatsapp-client.ts'
import { describe, expect, test } from 'vitest'
import type { ClientHarness } from './client-harness.ts'
import { arrivalsOf, nextEvent, pair, restore } from './client-steps.ts'
import { textTo } from './outgoing-message.ts'

const PHONE = '4915112345678'
const FRIEND = '491701234567'

/** The part of the contract that is about messages which an earlier client left without an ack. */
export function describeUnacked(harness: () => ClientHarness): void {
  describe('what had no ack when a client ended', () => {
    const leaveUnacked = async (): Promise<OutgoingMessage> => {
      const first = harness().client('a')
      await pair(harness(), first, PHONE)
      await harness().setAcks(false)
      const message = textTo(`${FRIEND}@c.us`, 'hello')
      await first.send(message)
      await arrivalsOf(harness(), PHONE, 1)
      await first.close()
      await harness().setAcks(true)
      return message
    }
    const bodies = async () => (await harness().arrivals(PHONE)).map(({ body }) => body)

    test('does not go out again by itself, and is pending for the next client', async () => {
      const { messageId, chatId } = await leaveUnacked()
      const second = harness().client('a')
      await restore(second)
      expect(await second.findOutcome(messageId, chatId)).toMatchObject({ found: 'pending' })
      await second.send(textTo(chatId, 'later'))
      await arrivalsOf(harness(), PHONE, 2)
      expect(await bodies()).toEqual(['hello', 'later'])
    })

    test('has an outcome once a receipt of it has come, whoever was there', async () => {
      const { messageId, chatId } = await leaveUnacked()
      await harness().readAll(FRIEND, PHONE)
      const second = harness().client('a')
      await restore(second)
      expect(await second.findOutcome(messageId, chatId)).toMatchObject({ found: 'acked', state: 'read' })
    })

    test('is told of when its receipt comes, after it was looked up', async () => {
      const { messageId, chatId } = await leaveUnacked()
      const second = harness().client('a')
      await restore(second)
      await second.findOutcome(messageId, chatId)
      const ack = nextEvent(second, 'ack')
      await harness().readAll(FRIEND, PHONE)
      expect(await ack).toEqual([messageId, 'read'])
    })

    test('goes out again under its id where that is asked for, and is acked', async () => {
      const message = await leaveUnacked()
      const second = harness().client('a')
      await restore(second)
      const ack = nextEvent(second, 'ack')
      await second.send({ ...message, deadline: Date.now() + 10_000, again: true })
      expect((await ack)[0]).toBe(message.messageId)
      const ids = (await arrivalsOf(harness(), PHONE, 2)).map(({ id }) => id)
      expect(ids).toEqual([message.messageId, message.messageId])
    })

    test('does not go out again after its deadline, nor with an ack, even where that is asked for', async () => {
      const message = await leaveUnacked()
      const second = harness().client('a')
      await restore(second)
      const late = second.send({ ...message, deadline: Date.now() - 1, again: true })
      await expect(late).rejects.toMatchObject({ name: 'SendDeadlinePassed' })
      await second.findOutcome(message.messageId, message.chatId)
      const ack = nextEvent(second, 'ack')
      await harness().readAll(FRIEND, PHONE)
      await ack
      await second.send({ ...message, deadline: Date.now() + 10_000, again: true })
      expect(await bodies()).toEqual(['hello'])
    })

    test('is sent as any other where no page knows it', async () => {
      const client = harness().client('a')
      await pair(harness(), client, PHONE)
      const message = textTo(`${FRIEND}@c.us`, 'hello', { again: true })
      await client.send(message)
      expect((await arrivalsOf(harness(), PHONE, 1)).map(({ id }) => id)).toEqual([message.messageId])
    })
  })
}
