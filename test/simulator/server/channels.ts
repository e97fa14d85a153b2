import { randomBytes, randomInt } from 'node:crypto'
import type { WireChannel } from '../wire.ts'
import { JsonFile } from './json-file.ts'

interface Channel {
  /** `<digits>@newsletter` */
  id: string
  name: string
  description: string
  /** Digits of the number that made it, and alone writes in it. */
  owner: string
  subscribers: string[]
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
      ...{ name, description, owner, subscribers: [] },
      inviteCode: randomBytes(16).toString('base64url').slice(0, 22),
      creation: Math.floor(Date.now() / 1000),
    }
    this.#byId.set(channel.id, channel)
    this.#save()
    return channel
  }

  setSubscribed(channel: Channel, number: string, subscribed: boolean): void {
    channel.subscribers = channel.subscribers.filter((other) => other !== number)
    if (subscribed) channel.subscribers.push(number)
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

/** A channel as an account sees it. */
export function channelToWire({ owner, subscribers, ...channel }: Channel, number: string): WireChannel {
  const role = owner === number ? 'owner' : subscribers.includes(number) ? 'subscriber' : 'guest'
  return { ...channel, role, subscribersCount: subscribers.length }
}
