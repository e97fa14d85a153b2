import { randomBytes, randomInt } from 'node:crypto'
import type { ChannelChange, WireChannel } from '../wire.ts'
import { JsonFile } from './json-file.ts'
import type { Profiles } from './profiles.ts'

export interface Channel {
  /** `<digits>@newsletter` */
  id: string
  name: string
  description: string
  /** Digits of the number that made it. */
  owner: string
  /** Who writes in it beside its owner. */
  admins: string[]
  /** Whom its owner has invited to become one. */
  adminInvites: string[]
  subscribers: string[]
  /** Who has muted it. */
  mutedBy: string[]
  reactions: number
  inviteCode: string
  /** Unix time in seconds. */
  creation: number
}

/** The channels and who reads them. Kept in the data folder. */
export class Channels {
  readonly #file: JsonFile<Channel[]>
  readonly #byId = new Map<string, Channel>()

  constructor(path: string) {
    this.#file = new JsonFile(path)
    for (const channel of this.#file.read() ?? []) this.#byId.set(channel.id, channel)
  }

  all(): Channel[] {
    return [...this.#byId.values()]
  }

  get(id: string): Channel | undefined {
    return this.#byId.get(id)
  }

  create(owner: string, name: string, description: string): Channel {
    const channel = {
      id: `120363${String(randomInt(1e12)).padStart(12, '0')}@newsletter`,
      ...{ name, description, owner, reactions: 0 },
      ...{ admins: [], adminInvites: [], subscribers: [], mutedBy: [] },
      inviteCode: randomBytes(16).toString('base64url').slice(0, 22),
      creation: Math.floor(Date.now() / 1000),
    }
    this.#byId.set(channel.id, channel)
    this.#save()
    return channel
  }

  change(channel: Channel, change: Omit<ChannelChange, 'picture'>): void {
    Object.assign(channel, change)
    this.#save()
  }

  delete({ id }: Channel): void {
    this.#byId.delete(id)
    this.#save()
  }

  /** A number is in a list of a channel from now on, or no more. */
  set(
    channel: Channel,
    list: 'admins' | 'adminInvites' | 'subscribers' | 'mutedBy',
    number: string,
    isIn: boolean,
  ): void {
    channel[list] = channel[list].filter((other) => other !== number)
    if (isIn) channel[list].push(number)
    this.#save()
  }

  clear(): void {
    this.#byId.clear()
    this.#save()
  }

  #save(): void {
    this.#file.write(this.all())
  }
}

export function roleIn({ owner, admins, subscribers }: Channel, number: string): WireChannel['role'] {
  if (owner === number) return 'owner'
  if (admins.includes(number)) return 'admin'
  return subscribers.includes(number) ? 'subscriber' : 'guest'
}

/** A channel as an account sees it. */
export function channelToWire(channel: Channel, number: string, profiles: Profiles): WireChannel {
  const { id, name, description, inviteCode, creation, reactions, subscribers, mutedBy } = channel
  const picture = profiles.pictureOf(id)
  return {
    ...{ id, name, description, inviteCode, creation, reactions },
    role: roleIn(channel, number),
    size: subscribers.length,
    muted: mutedBy.includes(number),
    ...(picture !== undefined && { picture }),
  }
}
