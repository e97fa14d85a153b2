import { build } from '../build.ts'
import { WAWebUserPrefsMeUser } from './wa-web-user-prefs-me-user.ts'
import { WAWebWid } from './wa-web-wid.ts'
import { WAWebWidFactory } from './wa-web-wid-factory.ts'

const SERIALIZED = build.has('keyTextInDollarOne') ? '$1' : '_serialized'

type Fields =
  | { from: WAWebWid; to: WAWebWid; id: string; participant?: WAWebWid | undefined; selfDir?: 'in' | 'out' }
  | { fromMe: boolean; remote: WAWebWid; id: string; participant?: WAWebWid | undefined; self?: 'in' | 'out' }

export class WAWebMsgKey {
  declare fromMe: boolean
  declare remote: WAWebWid
  declare id: string
  declare participant?: WAWebWid
  declare self?: 'in' | 'out'

  constructor(fields: Fields) {
    const { isMeAccount } = WAWebUserPrefsMeUser
    const sides = 'remote' in fields ? [fields.remote] : [fields.from, fields.to]
    if (
      sides.some((side) => !(side instanceof WAWebWid)) ||
      typeof fields.id !== 'string' ||
      fields.id === ''
    )
      throw new Error('MsgKey error: wrong fields')
    this.fromMe = 'fromMe' in fields ? fields.fromMe : isMeAccount(fields.from)
    this.remote = 'remote' in fields ? fields.remote : this.fromMe ? fields.to : fields.from
    this.id = fields.id
    if (fields.participant) this.participant = fields.participant
    const self = 'self' in fields ? fields.self : 'selfDir' in fields ? fields.selfDir : undefined
    // Only messages to oneself need to be told apart by direction.
    if (self && this.fromMe && isMeAccount(this.remote)) this.self = self
    const parts = [this.fromMe, this.remote, this.id, this.self, this.participant]
    Reflect.set(this, SERIALIZED, parts.filter((part) => part !== undefined).join('_'))
  }

  toString(): string {
    return Reflect.get(this, SERIALIZED) as string
  }

  equals(other: unknown): boolean {
    return other instanceof WAWebMsgKey && other.toString() === this.toString()
  }

  clone(): WAWebMsgKey {
    return WAWebMsgKey.fromString(this.toString())
  }

  static fromString(serialized: string): WAWebMsgKey {
    const [fromMe, remote, id, ...more] = serialized.split('_')
    if ((fromMe !== 'true' && fromMe !== 'false') || !remote || !id)
      throw new Error('MsgKey error: invalid string')
    const self = more[0] === 'out' || more[0] === 'in' ? more[0] : undefined
    const participant = self === undefined ? more[0] : more[1]
    return new WAWebMsgKey({
      fromMe: fromMe === 'true',
      remote: WAWebWidFactory.createWid(remote),
      id,
      ...(self !== undefined && { self }),
      ...(participant !== undefined && { participant: WAWebWidFactory.createWid(participant) }),
    })
  }

  static async newId(): Promise<string> {
    const bytes = crypto.getRandomValues(new Uint8Array(9))
    return `3EB0${[...bytes]
      .map((byte) => byte.toString(16).padStart(2, '0'))
      .join('')
      .toUpperCase()}`
  }
}
