import type { OutgoingMessage, WhatsAppClient } from '@wsg/worker/src/whatsapp/whatsapp-client.ts'
import { beforeAll, describe, expect, test } from 'vitest'
import { nextAck, restore } from './client-steps.ts'
import { textTo } from './outgoing-message.ts'
import type { SharedProfile } from './shared-profile.ts'

/** Each has a message that one client left without an ack; what the next client does with one says nothing of the others. */
const FRIENDS = {
  pending: '491701234560',
  readMeanwhile: '491701234561',
  readLater: '491701234562',
  again: '491701234563',
  late: '491701234564',
}
const STRANGER = '491701234565'

/** The part of the contract that is about messages which an earlier client left without an ack. */
export function describeUnacked(sharedProfile: () => SharedProfile): void {
  describe('what had no ack when a client ended', () => {
    let profile: SharedProfile
    let messages: Record<keyof typeof FRIENDS, OutgoingMessage>
    /** The client after the one that left them. */
    let second: WhatsAppClient
    beforeAll(async () => {
      profile = sharedProfile()
      const { harness, phone } = profile
      const first = await profile.open()
      await harness.setAcks(false)
      const texts = Object.entries(FRIENDS).map(([name, friend]) => [name, textTo(`${friend}@c.us`, 'hello')])
      messages = Object.fromEntries(texts)
      for (const message of Object.values(messages)) await first.send(message)
      for (const friend of Object.values(FRIENDS)) await profile.arrivalsAt(friend, 1)
      await first.close()
      await harness.setAcks(true)
      await harness.readAll(FRIENDS.readMeanwhile, phone)
      second = profile.nextClient()
      await restore(second)
    })
    const bodies = async (friend: string, count: number) =>
      (await profile.arrivalsAt(friend, count)).map(({ body }) => body)

    test('does not go out again by itself, and is pending for the next client', async () => {
      const { messageId, chatId } = messages.pending
      expect(await second.findOutcome(messageId, chatId)).toMatchObject({ found: 'pending' })
      await second.send(textTo(chatId, 'later'))
      expect(await bodies(FRIENDS.pending, 2)).toEqual(['hello', 'later'])
    })

    test('has an outcome once a receipt of it has come, whoever was there', async () => {
      const { messageId, chatId } = messages.readMeanwhile
      expect(await second.findOutcome(messageId, chatId)).toMatchObject({ found: 'acked', state: 'read' })
    })

    test('is told of when its receipt comes, after it was looked up', async () => {
      const { messageId, chatId } = messages.readLater
      await second.findOutcome(messageId, chatId)
      const ack = nextAck(second, messageId)
      await profile.harness.readAll(FRIENDS.readLater, profile.phone)
      expect(await ack).toBe('read')
    })

    test('goes out again under its id where that is asked for, and is acked', async () => {
      const message = messages.again
      const ack = nextAck(second, message.messageId)
      await second.send({ ...message, deadline: Date.now() + 60_000, again: true })
      await ack
      const ids = (await profile.arrivalsAt(FRIENDS.again, 2)).map(({ id }) => id)
      expect(ids).toEqual([message.messageId, message.messageId])
    })

    test('does not go out again after its deadline, nor with an ack, even where that is asked for', async () => {
      const message = messages.late
      const late = second.send({ ...message, deadline: Date.now() - 1, again: true })
      await expect(late).rejects.toMatchObject({ name: 'SendDeadlinePassed' })
      await second.findOutcome(message.messageId, message.chatId)
      const ack = nextAck(second, message.messageId)
      await profile.harness.readAll(FRIENDS.late, profile.phone)
      await ack
      await second.send({ ...message, deadline: Date.now() + 60_000, again: true })
      expect(await bodies(FRIENDS.late, 1)).toEqual(['hello'])
    })

    test('is sent as any other where no page knows it', async () => {
      const message = textTo(`${STRANGER}@c.us`, 'hello', { again: true })
      await second.send(message)
      expect((await profile.arrivalsAt(STRANGER, 1)).map(({ id }) => id)).toEqual([message.messageId])
    })
  })
}
