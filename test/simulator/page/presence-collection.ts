import { Collection } from './collection.ts'
import { Model } from './model.ts'
import type { WAWebWid } from './modules/wa-web-wid.ts'

type ChatstateType = 'available' | 'unavailable' | 'typing' | 'recording_audio'

/** After this long without another word somebody types no more. */
const TYPING_MS = 25_000

class Chatstate extends Model<{ type: ChatstateType | undefined }> {
  declare type: ChatstateType | undefined
}

interface PresenceAttributes {
  id: WAWebWid
  isOnline: boolean
  isSubscribed: boolean
}

/** Whether a person is there, and types. */
class Presence extends Model<PresenceAttributes> {
  declare id: WAWebWid
  declare isOnline: boolean
  declare isSubscribed: boolean
  readonly chatstate = new Chatstate({ type: undefined })
  #expires: ReturnType<typeof setTimeout> | undefined

  constructor(id: WAWebWid) {
    super({ id, isOnline: false, isSubscribed: true })
    this.chatstate.on('change:type', (chatstate: Chatstate, type: unknown, before: unknown) =>
      this.trigger('change:chatstate.type', chatstate, type, before),
    )
  }

  take(type: ChatstateType): void {
    clearTimeout(this.#expires)
    const isTyping = type === 'typing' || type === 'recording_audio'
    this.set({ isOnline: type !== 'unavailable' })
    this.chatstate.set({ type })
    if (isTyping) this.#expires = setTimeout(() => this.take('available'), TYPING_MS)
  }

  /** What was known is known no more. */
  reset(): void {
    clearTimeout(this.#expires)
    this.set({ isOnline: false, isSubscribed: false })
    this.chatstate.set({ type: undefined })
  }
}

class PresenceCollection extends Collection<Presence> {
  /** Asks the server to be told of a person from now on. */
  async find(id: WAWebWid): Promise<Presence> {
    const known = this.get(id)
    known?.set({ isSubscribed: true })
    return known ?? this.add(new Presence(id))
  }

  clearAllPresence(): void {
    for (const presence of this.getModelsArray()) presence.reset()
  }

  /** Of whom nobody asked for, nothing is told. */
  take(id: WAWebWid, type: ChatstateType): void {
    const presence = this.get(id)
    if (presence?.isSubscribed) presence.take(type)
  }
}

export const presenceCollection = new PresenceCollection()
