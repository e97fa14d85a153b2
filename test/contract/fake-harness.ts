import { operations } from '@wsg/shared/operations/operations.ts'
import { NotHandedOver, OperationRefused } from '@wsg/worker/src/whatsapp/client-errors.ts'
import { FakeWhatsApp, FakeWhatsAppClient } from '../support/fake-whatsapp-client.ts'
import type { ClientHarness, Fate } from './client-harness.ts'
import { newMessageId } from './outgoing-message.ts'

const NOBODY = '4915199999999'
const NOBODYS_LID = '100000000000001@lid'

/** The fake client, with the phones and the far side around it. */
export async function fakeHarness(): Promise<ClientHarness> {
  const profiles = new Map<string, FakeWhatsApp>()
  const clients: FakeWhatsAppClient[] = []
  const unregistered = new Set<string>()
  let acks = true
  let fates: Readonly<Record<string, Fate>> = {}

  const profile = (name: string): FakeWhatsApp => {
    const known = profiles.get(name) ?? new FakeWhatsApp()
    profiles.set(name, known)
    return known
  }
  const loggedIn = (account: string) =>
    clients.filter((client) => client.state === 'open' && client.whatsapp.account === account)
  const newest = () => clients.findLast((client) => client.state === 'open')

  return {
    noChat: NOBODY,
    client(name) {
      const whatsapp = profile(name)
      for (const digits of unregistered) whatsapp.numbers.set(digits, null)
      const client = new FakeWhatsAppClient(whatsapp)
      client.onSend = ({ messageId, chatId }) => {
        const fate = fates[chatId.split('@')[0] ?? '']
        if (fate === 'refused') whatsapp.fail(messageId, { kind: fate, code: 463 }, client)
        else if (fate === 'not_sent') whatsapp.fail(messageId, { kind: fate }, client)
        else if (fate === 'uncertain') whatsapp.fail(messageId, { kind: fate, said: 'ERROR_NETWORK' }, client)
        else if (acks)
          for (const state of ['sent', 'delivered'] as const) whatsapp.ack(messageId, state, client)
      }
      client.onHandOver = ({ chatId }) => {
        if (fates[chatId.split('@')[0] ?? ''] === 'blocked')
          throw new NotHandedOver('recipient_blocked', 'the account has blocked this recipient')
        if (chatId === NOBODYS_LID)
          throw new NotHandedOver('recipient_not_on_whatsapp', 'there is no such chat')
      }
      client.onPerform = (operation, input) => {
        if ((input as { chatId: string }).chatId === NOBODY) throw new OperationRefused('chat_not_found')
        return operations[operation].example.output
      }
      clients.push(client)
      return client
    },
    scan: async (_code, phone) => newest()?.logIn(phone),
    typeCode: async (_code, phone) => newest()?.logIn(phone),
    arrivals: async (account) =>
      [...profiles.values()]
        .filter((whatsapp) => whatsapp.account === account)
        .flatMap(({ handedOver }) =>
          handedOver.map(({ messageId, chatId, body }) => ({ id: messageId, to: chatId, body })),
        ),
    typed: async (account) =>
      [...profiles.values()].filter((whatsapp) => whatsapp.account === account).flatMap(({ typed }) => typed),
    async writeTo(account, from) {
      const id = newMessageId()
      for (const { whatsapp } of loggedIn(account)) {
        whatsapp.received.add(id)
        whatsapp.chats.add(`${from}@c.us`)
      }
      return id
    },
    nobody: NOBODYS_LID,
    async setFates(_account, given) {
      fates = given
    },
    setAcks: async (on) => {
      acks = on
    },
    async readAll(reader, account) {
      const written = [...profiles.values()].filter((whatsapp) => whatsapp.account === account)
      for (const whatsapp of written) {
        const open = clients.find((client) => client.state === 'open' && client.whatsapp === whatsapp)
        for (const { messageId, chatId } of whatsapp.handedOver)
          if (chatId === `${reader}@c.us`) whatsapp.ack(messageId, 'read', open)
      }
    },
    setUnregistered: async (numbers) => {
      for (const digits of numbers) unregistered.add(digits)
      for (const { numbers: known } of profiles.values())
        for (const digits of numbers) known.set(digits, null)
    },
    unlink: async (account) => {
      for (const client of loggedIn(account)) client.unlink()
    },
    conflict: async (account) => {
      for (const client of loggedIn(account)) client.crash('conflict')
    },
    dropConnection: async (account) => {
      for (const client of loggedIn(account)) for (const up of [false, true]) client.hear('connection', up)
    },
    end: async () => {
      for (const client of clients) await client.close()
    },
  }
}
