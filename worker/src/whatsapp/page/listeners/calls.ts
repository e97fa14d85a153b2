import type { PageGlobals, PageModules, Wid } from '../page-globals.ts'
import type { PageListener } from './page-listener.ts'

interface Call {
  id: { toString(): string }
  peerJid: Wid | string
  isVideo?: boolean
  isGroup?: boolean
  outgoing?: boolean
  userEndedCall?: boolean
  getState?(): number
  on?(event: string, listener: () => void): void
}

interface CallModules extends PageModules {
  WAWebCallCollection: {
    activeCall?: Call | null
    on(event: string, listener: () => void): void
  }
}

export const calls = {
  'hearing calls': {
    needs: ['WAWebCallCollection.on'],
    without: 'A call is no event.',
    listen: () => {
      const page = window as unknown as PageGlobals<CallModules>
      const { personOf, guarded, tell } = page.sessionGatewayKit
      const collection = page.require('WAWebCallCollection')
      const stateOf = (call: Call) => call.getState?.() ?? 3
      const taken = [6, 7, 11]
      const followed = new Map<Call, boolean>()
      const report = (call: Call, state: number | null) => {
        if (state !== null && taken.includes(state)) followed.set(call, true)
        tell?.({
          type: 'call',
          call: {
            id: call.id.toString(),
            from: personOf(call.peerJid),
            isVideo: call.isVideo === true,
            isGroup: call.isGroup === true,
            state,
            endedByUs: call.userEndedCall === true,
            wasAccepted: followed.get(call) === true,
          },
          at: Date.now(),
        })
      }
      const follow = guarded((call: Call) => {
        if (call.outgoing || followed.has(call)) return
        followed.set(call, false)
        report(call, stateOf(call))
        const changed = guarded(() => {
          if (followed.has(call)) report(call, stateOf(call))
        })
        call.on?.('change', changed)
      })
      const end = guarded((call: Call) => {
        if (!followed.has(call)) return
        report(call, null)
        followed.delete(call)
      })
      collection.on('change:activeCall', () => {
        const { activeCall } = collection
        for (const call of followed.keys()) if (call !== activeCall) end(call)
        if (activeCall) follow(activeCall)
      })
      // Until July 2026 a call that comes in is put into a map, and nothing is told of that.
      const maps = Object.values(collection).filter((one) => (one as unknown) instanceof Map)
      for (const map of maps as unknown as Map<unknown, Call>[]) {
        const set = map.set.bind(map)
        const remove = map.delete.bind(map)
        map.set = (id, call) => {
          follow(call)
          return set(id, call)
        }
        map.delete = (id) => {
          const call = map.get(id)
          if (call) end(call)
          return remove(id)
        }
      }
    },
  },
} satisfies Record<string, PageListener>
