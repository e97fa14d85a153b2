const SHAPE = /^(?:([^@\s:]+)(?::\d+)?@)?(c\.us|lid|g\.us|broadcast|newsletter|call|s\.whatsapp\.net)$/
const NEEDS_DIGITS = new Set(['c.us', 'lid'])

/** An address: of a person by number or LID, of a group, a channel, a broadcast. */
export class WAWebWid {
  declare user: string
  declare server: string
  declare _serialized: string

  constructor(serialized: string) {
    const [, user = '', server = ''] = SHAPE.exec(serialized) ?? []
    this.server = server === 's.whatsapp.net' ? 'c.us' : server
    this.user = user
    if (server === '' || (NEEDS_DIGITS.has(this.server) && !/^\d+$/.test(user))) {
      throw new Error(`wid error: invalid wid`)
    }
    this._serialized = `${user}@${this.server}`
  }

  isLid(): boolean {
    return this.server === 'lid'
  }
  isUser(): boolean {
    return this.server === 'c.us' || this.server === 'lid'
  }
  isRegularUserPn(): boolean {
    return this.server === 'c.us'
  }
  isGroup(): boolean {
    return this.server === 'g.us'
  }
  isNewsletter(): boolean {
    return this.server === 'newsletter'
  }
  isBroadcast(): boolean {
    return this.server === 'broadcast'
  }
  isStatus(): boolean {
    return this._serialized === 'status@broadcast'
  }
  isStatusV3(): boolean {
    return this.isStatus()
  }
  isBot(): boolean {
    return false
  }
  isPSA(): boolean {
    return false
  }
  equals(other: unknown): boolean {
    return other instanceof WAWebWid && other._serialized === this._serialized
  }
  toString(): string {
    return this._serialized
  }
  toJid(): string {
    return this.server === 'c.us' ? `${this.user}@s.whatsapp.net` : this._serialized
  }
  toLogString(): string {
    return this._serialized
  }
  /** So that an id inside of a model that goes through JSON arrives as a string. */
  toJSON(): string {
    return this._serialized
  }
}
