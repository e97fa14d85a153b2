import type { WireCall } from '../../wire.ts'
import { build } from '../build.ts'
import { Emitter } from '../emitter.ts'
import { passFaults } from '../faults.ts'
import { Model } from '../model.ts'
import { wireLink } from '../wire-link.ts'
import type { WAWebWid } from './wa-web-wid.ts'
import { WAWebWidFactory } from './wa-web-wid-factory.ts'

interface CallAttributes {
  id: string
  peerJid: WAWebWid
  isVideo: boolean
  isGroup: boolean
  canHandleLocally: boolean
  outgoing: boolean
  webClientShouldHandle: boolean
  participants: object
  state: number
  userEndedCall: boolean
}

/** The states of a call. */
const RECEIVED_CALL = 3
const ACTIVE_ELSEWHERE = 7
const NONE = 0

class CallModel extends Model<CallAttributes> {
  declare id: string
  declare state: number

  getState(): number {
    return this.state
  }
}

/** The calls of the account. Since July one that comes in is the active call only, and no entry of the map. */
class CallCollection extends Emitter {
  readonly _callMap = new Map<string, CallModel>()
  activeCall: CallModel | null = null

  setActiveCall(call: CallModel | null): void {
    this.activeCall = call
    this.trigger('change:activeCall', call)
  }

  take({ id, from, isVideo }: WireCall): void {
    const call = new CallModel({
      ...{ id, peerJid: WAWebWidFactory.createWid(`${from}@c.us`), isVideo, isGroup: false },
      ...{ canHandleLocally: true, outgoing: false, webClientShouldHandle: true, participants: {} },
      ...{ state: RECEIVED_CALL, userEndedCall: false },
    })
    if (build.has('callsAreActiveOnly')) this.setActiveCall(call)
    else this._callMap.set(id, call)
  }

  /** The call was taken on another device, or is over. */
  change(id: string, what: 'accepted' | 'ended'): void {
    const call = this.activeCall?.id === id ? this.activeCall : this._callMap.get(id)
    call?.set({ state: what === 'accepted' ? ACTIVE_ELSEWHERE : NONE })
    if (!call || what === 'accepted') return
    this._callMap.delete(id)
    if (this.activeCall === call) this.setActiveCall(null)
  }
}

export const WAWebCallCollection = new CallCollection()

const reject = async (id: string) => {
  await passFaults()
  wireLink.send({ t: 'call.reject', id })
}

/** What rings now is answered by the stack that carries it. */
export const WAWebVoipStackInterface = {
  getVoipStackInterface: async () => ({
    async rejectCall(): Promise<void> {
      const { activeCall } = WAWebCallCollection
      if (activeCall) await reject(activeCall.id)
      activeCall?.set({ userEndedCall: true })
      WAWebCallCollection.setActiveCall(null)
    },
  }),
}

interface Stanza {
  tag: string
  attributes: Record<string, string>
  children: Stanza[]
}

/** The page's way to make and send any stanza. Of these only a refused call is understood, and not since July. */
export const WAWap = {
  generateId: () => crypto.randomUUID().slice(0, 13),
  wap: (tag: string, attributes: Record<string, string>, children: Stanza[] = []): Stanza => ({
    ...{ tag, attributes, children },
  }),
}

export const WADeprecatedSendIq = {
  async deprecatedCastStanza({ children }: Stanza): Promise<void> {
    const id = children.find(({ tag }) => tag === 'reject')?.attributes['call-id']
    if (id === undefined || build.has('callsAreActiveOnly')) return
    await reject(id)
    WAWebCallCollection._callMap.get(id)?.set({ userEndedCall: true })
    WAWebCallCollection._callMap.delete(id)
  },
}
