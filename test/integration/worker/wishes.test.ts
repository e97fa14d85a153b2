import { keys } from '@wsg/shared/redis/keys.ts'
import {
  deleteSession,
  desireSession,
  logOutSession,
  stopSession,
} from '@wsg/shared/redis/session/desired-state.ts'
import { readSnapshot } from '@wsg/shared/redis/session/snapshot.ts'
import { describe, expect } from 'vitest'
import type { FakeWhatsAppClient } from '../../support/fake-whatsapp-client.ts'
import { waitFor } from '../../support/wait-for.ts'
import type { WorkerRig } from './worker-rig.ts'
import { workerTest } from './worker-test.ts'

const it = workerTest.extend(
  'wishAgain',
  ({ rig }) =>
    () =>
      desireSession(rig.redis, { sessionId: 'sales', wish: 'create', maxUnpaired: 9 }),
)

describe('what is asked for while a session is being closed', () => {
  /** A client whose browser takes until `closed` to end. */
  function slowToClose() {
    const closed = Promise.withResolvers<void>()
    const begun = Promise.withResolvers<void>()
    const script = (client: FakeWhatsAppClient) => {
      const close = client.close.bind(client)
      client.close = async () => {
        begun.resolve()
        await closed.promise
        await close()
      }
    }
    return { script, begun: begun.promise, closed: closed.resolve }
  }

  it('starts again after a stop that was still going on', async ({ rig, wishAgain }) => {
    const { script, begun, closed } = slowToClose()
    const { clients, deaths } = await rig.startWorker({ script })
    await rig.wantPaired('sales')
    await rig.untilView('sales', 'ready')
    await stopSession(rig.redis, 'sales')
    await begun
    expect(await wishAgain()).toBe('desired')
    closed()
    await waitFor('a second browser', () => clients.length === 2)
    await rig.untilView('sales', 'ready')
    expect(deaths).toEqual([])
  })

  it.for<[string, string, (rig: WorkerRig, client: FakeWhatsAppClient) => unknown]>([
    ['a logout', 'stopped', (rig) => logOutSession(rig.redis, 'sales')],
    ['a failure', 'logged_out', (_rig, client) => client.unlink()],
  ])(
    'starts anew, to be paired, after %s that was still going on when it was stopped and started',
    async ([_name, happened, begin], { rig, wishAgain }) => {
      const { script, begun, closed } = slowToClose()
      const { clients, deaths } = await rig.startWorker({ script })
      const whatsapp = await rig.wantPaired('sales')
      await rig.untilView('sales', 'ready')
      await begin(rig, clients[0] as FakeWhatsAppClient)
      await begun
      await stopSession(rig.redis, 'sales')
      expect(await wishAgain()).toBe('desired')
      closed()
      await rig.untilView('sales', 'waiting_qr')
      expect(clients).toHaveLength(2)
      expect(whatsapp.account).toBeNull()
      const { fields } = await readSnapshot(rig.redis, 'sales')
      expect(fields).not.toHaveProperty('stopped')
      expect(await rig.history('sales')).toContain(happened)
      expect(deaths).toEqual([])
    },
  )

  it('does not start anew when it is unlinked long after a stop and a start that its owner saw as one', async ({
    rig,
  }) => {
    const { clients } = await rig.startWorker()
    await rig.wantPaired('sales')
    await rig.untilView('sales', 'ready')
    // What both leave, in one command.
    await rig.redis.zadd(keys.desired, Date.now(), 'sales')
    let leftMs = await rig.redis.pttl(keys.lease('sales'))
    let renewals = 0
    await waitFor('the answer to a renewal', async () => {
      const before = leftMs
      leftMs = await rig.redis.pttl(keys.lease('sales'))
      if (leftMs > before) renewals += 1
      return renewals === 2
    })
    clients[0]?.unlink()
    await rig.untilView('sales', 'failed', 'logged_out')
    expect(await rig.redis.zscore(keys.desired, 'sales')).toBeNull()
  })

  it('starts again after a stop whose last word it just missed', async ({ rig, wishAgain }) => {
    const { clients } = await rig.startWorker()
    await rig.want('sales')
    await rig.untilView('sales', 'waiting_qr')
    const remove = rig.profiles.remove.bind(rig.profiles)
    rig.profiles.remove = async (sessionId) => {
      await remove(sessionId)
      await wishAgain()
      rig.profiles.remove = remove
    }
    await stopSession(rig.redis, 'sales')
    await waitFor('a second browser', () => clients.length === 2)
    await rig.untilView('sales', 'waiting_qr')
  })

  it('is removed where it is deleted while it fails', async ({ rig }) => {
    const { clients } = await rig.startWorker()
    await rig.wantPaired('sales')
    await rig.untilView('sales', 'ready')
    const remove = rig.profiles.remove.bind(rig.profiles)
    rig.profiles.remove = async (sessionId) => {
      rig.profiles.remove = remove
      await deleteSession(rig.redis, sessionId)
      await remove(sessionId)
    }
    clients[0]?.unlink()
    await waitFor('the keys to be gone', async () => (await rig.redis.exists(keys.session('sales'))) === 0)
    expect(await rig.redis.zscore(keys.desired, 'sales')).toBeNull()
  })
})
