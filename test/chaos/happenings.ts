import { setTimeout as pause } from 'node:timers/promises'
import { lidOfNumber } from '../simulator/server/lid-of-number.ts'

const PNG = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='

/** One session and whom it writes with, and the means to make something happen there. */
export interface Place {
  /** A number that nobody else has. */
  unique: string
  /** Somebody writes to the account. @returns WhatsApp's id */
  write(content: object): Promise<string>
  /** A member writes in the group of the account. */
  writeInGroup(content: object): Promise<string>
  /** The account's own phone writes. */
  writeOnPhone(content: object): Promise<string>
  /** Somebody does something to a message that was written by `write`. */
  act(id: string, what: 'edit' | 'revoke' | 'reaction' | 'vote', more?: object): Promise<void>
  /** A request of the simulator's control API about the account. */
  phone(path: string, body: object): Promise<void>
  /** The same about the group, by the one who made it. */
  group(path: string, body: object): Promise<void>
  ring(): Promise<string>
  postInChannel(body: string): Promise<void>
  /** A stranger writes, whose chat the account's phone deletes. */
  removeChat(): Promise<void>
  /** The account shows itself as available; nothing where it cannot now. */
  showAvailable(): Promise<void>
}

interface Happening {
  /** How often it comes in a round. */
  times: number
  /** @returns what every reader has to be told of it, as `subjectOf` names it; nothing where WhatsApp tells it only to whom is there */
  happen(place: Place): Promise<string[]>
}

const file = (mimetype: string, type?: string) => ({
  media: { mimetype, data: PNG, ...(type && { type }), filename: 'a file' },
})
const lid = (number: string) => `${lidOfNumber(number)}@lid`
const kind = (content: object): Happening => ({
  times: 1,
  happen: async (place) => [`message ${await place.write(content)}`],
})
const transient = (happen: (place: Place) => Promise<unknown>): Happening => ({
  times: 1,
  async happen(place) {
    await happen(place)
    return []
  },
})

/** Everything that can happen to a session from outside, beside what becomes of what it sends. */
export const happenings: Readonly<Record<string, Happening>> = {
  text: { ...kind({ body: 'Oi' }), times: 8 },
  image: kind({ ...file('image/png'), body: 'a caption' }),
  video: kind(file('video/mp4')),
  voice: kind(file('audio/ogg', 'ptt')),
  document: kind(file('application/pdf')),
  sticker: kind(file('image/webp', 'sticker')),
  location: kind({ location: { latitude: 1, longitude: 2, name: 'Shop' } }),
  contact: kind({ contact: { name: 'Ann', phone: '5511988887777' } }),
  poll: kind({ poll: { question: 'When?', options: ['now', 'later'] } }),
  event: kind({ event: { name: 'Tea', startsAt: '2030-01-01T10:00:00Z' } }),
  'in the group': {
    times: 2,
    happen: async (place) => [`message ${await place.writeInGroup({ body: 'to all' })}`],
  },
  'on the phone': {
    times: 2,
    happen: async (place) => [`message.any ${await place.writeOnPhone({ body: 'from the phone' })}`],
  },
  'readable later': {
    times: 2,
    async happen(place) {
      const id = await place.write({
        type: 'ciphertext',
        fields: { subtype: 'view_once_unavailable_fanout' },
      })
      const newer = await place.write({ body: 'newer than that' })
      await pause(500)
      await place.write({ id, body: 'here it is' })
      return [`message ${id}`, `message ${newer}`]
    },
  },
  edit: {
    times: 2,
    async happen(place) {
      const id = await place.write({ body: 'befor' })
      await place.act(id, 'edit', { body: 'before' })
      return [`message ${id}`, `message.edited ${id} before`]
    },
  },
  // Who was not there meanwhile is told of the deletion alone.
  revocation: {
    times: 2,
    async happen(place) {
      const id = await place.write({ body: 'gone soon' })
      await place.act(id, 'revoke')
      return [`message.revoked ${id}`]
    },
  },
  reaction: {
    times: 3,
    async happen(place) {
      const id = await place.write({ body: 'react' })
      await place.act(id, 'reaction', { emoji: '👍' })
      return [`message ${id}`, `message.reaction ${id} 👍`]
    },
  },
  vote: {
    times: 2,
    async happen(place) {
      const id = await place.write({ poll: { question: 'Tea?', options: ['yes', 'no'] } })
      await place.act(id, 'vote', { options: ['no'] })
      return [`message ${id}`, `poll.vote ${id} no`]
    },
  },
  members: {
    times: 1,
    async happen(place) {
      const numbers = [place.unique]
      const who = lid(place.unique)
      for (const action of ['add', 'promote', 'demote', 'remove'])
        await place.group('members', { action, numbers })
      return [
        `group.join added ${who}`,
        ...[`group.participants promoted ${who}`, `group.participants demoted ${who}`],
        `group.leave removed ${who}`,
      ]
    },
  },
  'join request': {
    times: 1,
    async happen(place) {
      await place.group('join', { by: place.unique })
      return [`group.request asked ${lid(place.unique)}`]
    },
  },
  'group subject': {
    times: 1,
    async happen(place) {
      await place.group('change', { subject: `Group ${place.unique}` })
      return [`group.update subject Group ${place.unique}`]
    },
  },
  'another number': {
    times: 1,
    async happen(place) {
      await place.phone('/numbers/change', { before: place.unique, after: `${place.unique}1` })
      return [`contact.changed ${place.unique}@c.us`]
    },
  },
  'in a channel': transient((place) => place.postInChannel('Extra!')),
  archive: transient(async (place) => {
    await place.phone('/chats', { change: { archived: true } })
    await place.phone('/chats', { change: { archived: false } })
  }),
  unread: transient((place) => place.phone('/chats', { change: { unread: true } })),
  removal: transient((place) => place.removeChat()),
  presence: transient(async (place) => {
    await place.showAvailable()
    await place.write({ body: 'are you there?' })
    for (const type of ['typing', 'available']) await place.phone('/presence', { type })
  }),
  call: transient(async (place) => {
    const id = await place.ring()
    await pause(20)
    for (const what of ['accepted', 'ended']) await place.phone('/calls/change', { id, what })
  }),
}

/** What an event tells of, in the words of the table; undefined where nothing tells two of a kind apart. */
export function subjectOf(event: string, data: Record<string, unknown>): string | undefined {
  const { id, emoji, text, options, status, ack, state, how, action, change, value, before } = data
  const people = ((data.participants ?? []) as { id: string }[]).map((person) => person.id).join()
  const told: Record<string, unknown[]> = {
    'message.ack': [id, ack],
    'message.status': [id, status],
    'message.reaction': [id, emoji],
    'message.edited': [id, text],
    'poll.vote': [id, options],
    'call.received': [id, state],
    'group.join': [how, people],
    'group.leave': [how, people],
    'group.participants': [action, people],
    'group.request': [action, people],
    'group.update': [change, value],
    'contact.changed': [(before as { id?: string } | undefined)?.id],
  }
  const isOfOneMessage = ['message', 'message.any', 'message.revoked', 'message.undecryptable'].includes(
    event,
  )
  const parts = isOfOneMessage ? [id] : told[event]
  return parts && [event, ...parts].join(' ')
}
