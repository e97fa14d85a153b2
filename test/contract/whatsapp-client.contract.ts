import { operations } from '@wsg/shared/operations/operations.ts'
import { NotHandedOver, ProfileLocked, SendDeadlinePassed } from '@wsg/worker/src/whatsapp/client-errors.ts'
import type { SendFailure, WhatsAppClient } from '@wsg/worker/src/whatsapp/whatsapp-client.ts'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { waitFor } from '../support/wait-for.ts'
import type { ClientHarness } from './client-harness.ts'
import { nextAck, nextEvent, record, restore } from './client-steps.ts'
import { newMessageId, textTo } from './outgoing-message.ts'
import { SharedProfile } from './shared-profile.ts'
import { describeUnacked } from './unacked.contract.ts'

const PHONE = '4915112345678'
/** Of a profile that a test does not share with others. */
const OTHER_PHONE = '4915112345679'

const inMs = (ms: number) => Date.now() + ms

/** What every WhatsApp client keeps to: the real one, and the fake one that stands in for it. */
export function describeWhatsAppClient(name: string, makeHarness: () => Promise<ClientHarness>): void {
  describe(`${name} as a WhatsAppClient`, () => {
    let harness: ClientHarness
    let profile: SharedProfile
    let friend: string
    let friends = 0
    beforeAll(async () => {
      harness = await makeHarness()
      profile = new SharedProfile(harness, PHONE)
    })
    beforeEach(() => {
      // What earlier tests wrote to others does not count.
      friends += 1
      friend = `${491701000000 + friends}`
    })
    afterEach(async () => {
      await harness.setAcks(true)
    })
    afterAll(async () => {
      await harness.end()
    })
    /** What the server got for the friend of this test, once it is so many. */
    const arrivals = (count = 0) => profile.arrivalsAt(friend, count)
    /** On a profile of its own, with its code shown. */
    const unpaired = async (): Promise<WhatsAppClient> => {
      const client = harness.client(`unpaired-${friend}`)
      onTestFinished(() => client.close())
      const shown = nextEvent(client, 'qr')
      await client.open()
      await shown
      return client
    }

    describe('pairing', () => {
      test('shows a code with its end, and is ready once when it was scanned', async () => {
        const client = profile.nextClient()
        const said = record(client)
        const code = nextEvent(client, 'qr')
        await client.open()
        const [qr, expiresAt] = await code
        expect(expiresAt).toBeGreaterThan(Date.now())
        const ready = nextEvent(client, 'ready')
        await harness.scan(qr, PHONE)
        expect((await ready)[0]).toMatchObject({ account: PHONE, pushName: expect.any(String) })
        const order = said
          .map((event) => event.name)
          .filter((event) => ['authenticated', 'ready'].includes(event))
        expect(order).toEqual(['authenticated', 'ready'])
      })

      test('pairs by a code that is typed into the phone', async () => {
        const client = await unpaired()
        const ready = nextEvent(client, 'ready')
        const { code, expiresAt } = await client.requestPairingCode(OTHER_PHONE)
        expect(code).toMatch(/^[0-9A-Z]{8}$/)
        expect(expiresAt).toBeGreaterThan(Date.now())
        await harness.typeCode(code, OTHER_PHONE)
        expect((await ready)[0].account).toBe(OTHER_PHONE)
      })

      test('gives one number the same pairing code while it lives, and says when a code takes its place', async () => {
        const client = await unpaired()
        const [first, second] = await Promise.all([
          client.requestPairingCode(OTHER_PHONE),
          client.requestPairingCode(OTHER_PHONE),
        ])
        expect(first.replacesPrevious).toBe(false)
        expect([second, await client.requestPairingCode(OTHER_PHONE)]).toEqual([first, first])
        const other = await client.requestPairingCode(friend)
        expect(other.code).not.toBe(first.code)
        expect(other.replacesPrevious).toBe(true)
        const ready = nextEvent(client, 'ready')
        await harness.typeCode(other.code, friend)
        expect((await ready)[0].account).toBe(friend)
      })

      test('restores the login of its profile without a code', async () => {
        await (await profile.open()).close()
        const second = profile.nextClient()
        const said = record(second)
        expect((await restore(second)).account).toBe(PHONE)
        expect(said.map((event) => event.name)).not.toContain('qr')
      })

      test('does not open a profile that another client holds, and leaves that one unharmed', async () => {
        const holder = await profile.open()
        await expect(profile.client().open()).rejects.toBeInstanceOf(ProfileLocked)
        expect(await holder.probe()).toBe('CONNECTED')
        await holder.send(textTo(`${friend}@c.us`, 'still here'))
        await arrivals(1)
      })
    })

    describe('sending', () => {
      test('sends under the id that was chosen, and tells its acks', async () => {
        const client = await profile.open()
        const said = record(client)
        const message = textTo(`${friend}@c.us`, 'Olá 👋')
        const { messageId } = await client.send(message)
        expect(messageId).toContain(message.messageId)
        const acks = await waitFor('the acks', () => {
          const states = said.filter(({ name, args }) => name === 'ack' && args[0] === message.messageId)
          return states.length >= 2 && states.map(({ args }) => args[1])
        })
        expect(acks.slice(0, 2)).toEqual(['sent', 'delivered'])
        expect(await arrivals(1)).toMatchObject([{ id: message.messageId, body: 'Olá 👋' }])
      })

      test('sends nothing once the deadline is over', async () => {
        const client = await profile.open()
        const late = textTo(`${friend}@c.us`, 'too late', { deadline: Date.now() - 1 })
        await expect(client.send(late)).rejects.toBeInstanceOf(SendDeadlinePassed)
        await client.send(textTo(`${friend}@c.us`, 'in time'))
        expect((await arrivals(1)).map(({ body }) => body)).toEqual(['in time'])
        expect(await client.findOutcome(late.messageId)).toEqual({ found: 'absent' })
      })

      test('tells how a message ended that got no ack, or refuses it where the page knows beforehand', async () => {
        const client = await profile.open()
        const failed = new Map<string, SendFailure>()
        client.events.on('sendFailed', (messageId, failure) => failed.set(messageId, failure))
        const fates = ['refused', 'not_sent', 'uncertain', 'blocked'] as const
        const numberOf = (fate: (typeof fates)[number]) => `${friend}${fates.indexOf(fate)}`
        await harness.setFates(PHONE, Object.fromEntries(fates.map((fate) => [numberOf(fate), fate])))
        for (const kind of ['refused', 'not_sent', 'uncertain'] as const) {
          const message = textTo(`${numberOf(kind)}@c.us`, kind)
          await client.send(message)
          expect(await waitFor(kind, () => failed.get(message.messageId))).toMatchObject({ kind })
        }
        const refusedAs = (chatId: string) => expect(client.send(textTo(chatId, 'x'))).rejects
        await refusedAs(`${numberOf('blocked')}@c.us`).toMatchObject({ code: 'recipient_blocked' })
        await refusedAs(harness.nobody).toMatchObject({ code: 'recipient_not_on_whatsapp' })
        expect((await harness.arrivals(PHONE)).map(({ body }) => body)).not.toContain('x')
      })

      test('does not send what the page has already, and tells its ack', async () => {
        const client = await profile.open()
        const message = textTo(`${friend}@c.us`, 'once')
        const acked = nextAck(client, message.messageId)
        await client.send(message)
        await acked
        const again = nextAck(client, message.messageId)
        await client.send({ ...message, deadline: inMs(10_000) })
        await again
        await client.send(textTo(`${friend}@c.us`, 'another'))
        expect((await arrivals(2)).map(({ body }) => body)).toEqual(['once', 'another'])
      })

      test('answers a message by its id, in a chat that is new only until somebody wrote in it', async () => {
        const client = await profile.open()
        expect(await client.isNewChat(`${friend}@c.us`)).toBe(true)
        const replyTo = await harness.writeTo(PHONE, friend, 'are you there?')
        const answer = textTo(`${friend}@c.us`, 'yes', { replyTo })
        await client.send(answer)
        expect(await arrivals(1)).toMatchObject([{ id: answer.messageId, body: 'yes' }])
        expect(await client.isNewChat(`${friend}@c.us`)).toBe(false)
        expect(await client.isNewChat('4915112340000@c.us')).toBe(true)
      })

      test('sends no answer to a message that is not there', async () => {
        const client = await profile.open()
        const answer = client.send(textTo(`${friend}@c.us`, 'yes', { replyTo: newMessageId() }))
        await expect(answer).rejects.toBeInstanceOf(NotHandedOver)
        await expect(answer).rejects.toMatchObject({ code: 'quoted_message_not_found' })
        expect(await arrivals()).toEqual([])
      })

      test('shows that it types or records in a chat, and stops showing it', async () => {
        const client = await profile.open()
        const chatId = `${friend}@c.us`
        const states = ['typing', 'recording', 'paused'] as const
        const typed = async () => (await harness.typed(PHONE)).filter((shown) => shown.chatId === chatId)
        for (const state of states) await client.showState(chatId, state)
        await waitFor('the indicator to be gone', async () => (await typed()).length === 3)
        expect(await typed()).toEqual(states.map((state) => ({ chatId, state })))
        await client.send(textTo(chatId, 'typed'))
        await arrivals(1)
      })

      test('finds the chat of a number, and none for a number that is not on WhatsApp', async () => {
        await harness.setUnregistered(['491709999999'])
        const client = await profile.open()
        expect(await client.resolveNumber(friend)).toMatchObject({ chatId: expect.stringContaining('@') })
        expect(await client.resolveNumber('491709999999')).toBeNull()
      })
    })

    describe('operations', () => {
      test('carries out an operation in the page, as soon as it can, and answers as the table says', async () => {
        const client = await profile.open()
        await harness.writeTo(PHONE, friend, 'hello')
        await harness.dropConnection(PHONE)
        const chat = await client.perform('chat.get', { chatId: friend }, inMs(10_000))
        expect(operations['chat.get'].output.parse(chat)).toEqual(chat)
      })

      test('says why an operation is refused', async () => {
        const client = await profile.open()
        const refused = client.perform('chat.archive', { chatId: harness.noChat }, inMs(10_000))
        await expect(refused).rejects.toMatchObject({ name: 'OperationRefused', code: 'chat_not_found' })
      })

      test('begins no operation once its deadline is over', async () => {
        const client = await profile.open()
        await harness.writeTo(PHONE, friend, 'hello')
        await expect(client.perform('chat.archive', { chatId: friend }, inMs(-1))).rejects.toThrow()
        expect(await client.perform('chat.get', { chatId: friend }, inMs(10_000))).toMatchObject({
          archived: false,
        })
      })

      test('remembers which number it has asked the server for', async () => {
        const client = await profile.open()
        expect(client.knowsNumber(friend)).toBe(false)
        await client.resolveNumber(friend)
        expect(client.knowsNumber(friend)).toBe(true)
      })
    })

    describe('outcomes', () => {
      test('finds an acked message again in a later client', async () => {
        const first = await profile.open()
        const message = textTo(`${friend}@c.us`, 'hello')
        const acked = nextAck(first, message.messageId)
        await first.send(message)
        await acked
        await first.close()
        const second = profile.nextClient()
        await restore(second)
        expect(await second.findOutcome(message.messageId)).toMatchObject({ found: 'acked' })
      })

      test('tells a message without an ack as pending, and one that it never saw as absent', async () => {
        const client = await profile.open()
        await harness.setAcks(false)
        const message = textTo(`${friend}@c.us`, 'hello')
        await client.send(message)
        expect(await client.findOutcome(message.messageId)).toEqual({
          found: 'pending',
          messageId: expect.stringContaining(message.messageId),
        })
        expect(await client.findOutcome(newMessageId())).toEqual({ found: 'absent' })
      })
    })

    describeUnacked(() => profile)

    describe('ends', () => {
      test('refuses every call once it is closed, and closes twice without complaint', async () => {
        const client = await profile.open()
        await client.close()
        await client.close()
        const closed = { name: 'ClientClosed' }
        await expect(client.send(textTo(`${friend}@c.us`, 'x'))).rejects.toMatchObject(closed)
        await expect(client.resolveNumber(friend)).rejects.toMatchObject(closed)
        await expect(client.findOutcome(newMessageId())).rejects.toMatchObject(closed)
        await expect(client.probe()).rejects.toMatchObject(closed)
        await expect(client.perform('chat.get', { chatId: friend }, inMs(1_000))).rejects.toMatchObject(
          closed,
        )
      })

      test('frees its profile at once when it is killed', async () => {
        const client = await profile.open()
        client.kill()
        await client.close()
        expect((await restore(profile.nextClient())).account).toBe(PHONE)
      })

      test('says that the phone logged it out, and holds no login any more', async () => {
        const client = await profile.open()
        const said = record(client)
        const loggedOut = nextEvent(client, 'loggedOut')
        await harness.unlink(PHONE)
        await loggedOut
        await expect(client.probe()).rejects.toMatchObject({ name: 'ClientClosed' })
        expect(said.map(({ name }) => name)).not.toContain('fault')
        const next = profile.nextClient()
        const code = nextEvent(next, 'qr')
        await next.open()
        expect((await code)[0]).not.toBe('')
        await profile.scan((await code)[0])
      })

      test('logs itself out, and holds no login any more', async () => {
        const client = await profile.open()
        await client.logout()
        await client.close()
        const next = profile.nextClient()
        const code = nextEvent(next, 'qr')
        await next.open()
        expect((await code)[0]).not.toBe('')
        await profile.scan((await code)[0])
      })

      test('tells a lost connection and its return, and goes on', async () => {
        const client = await profile.open()
        const said = record(client)
        await harness.dropConnection(PHONE)
        await waitFor('the connection to go and come back', () => {
          const states = said.filter(({ name }) => name === 'connection').map(({ args }) => args[0])
          return states.includes(false) && states.at(-1) === true
        })
        await client.send(textTo(`${friend}@c.us`, 'back'))
        await arrivals(1)
        expect(said.map(({ name }) => name)).not.toContain('fault')
      })

      test('fails where the same login is opened somewhere else', async () => {
        const client = await profile.open()
        const fault = nextEvent(client, 'fault')
        await harness.conflict(PHONE)
        expect((await fault)[0].kind).toBe('conflict')
        await client.close()
      })
    })
  })
}
