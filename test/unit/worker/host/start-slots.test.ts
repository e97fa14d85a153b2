import { createLogger } from '@wsg/shared/logger.ts'
import { StartSlots } from '@wsg/worker/src/host/start-slots.ts'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { HostGround } from '../../../support/host-ground.ts'
import { descendants, listProcesses } from '../../../support/processes.ts'
import { waitFor } from '../../../support/wait-for.ts'

let ground: HostGround
beforeEach(async () => {
  ground = await HostGround.create()
})
afterEach(() => ground.close())

const never = new AbortController().signal

function slotsOf(count: number, folder = ground.folder.starts): StartSlots {
  return new StartSlots({ folder, count, logger: createLogger('test', 'silent'), stuckAfterS: 2 })
}

function waiting(): number {
  return descendants(listProcesses(), [process.pid]).filter(({ command }) => command[0] === 'perl').length
}

describe('turns for browser starts on one host', () => {
  it('lets no more start at once than there are slots, and everyone in the end', async () => {
    let starting = 0
    let most = 0
    await Promise.all(
      Array.from({ length: 12 }, async () => {
        const slots = slotsOf(2)
        expect(await slots.take(never)).toBe(true)
        starting += 1
        most = Math.max(most, starting)
        await waitFor('the other slot to be taken too', () => most === 2)
        starting -= 1
        slots.giveBack()
      }),
    )
    expect(most).toBe(2)
    expect(waiting()).toBe(0)
  })

  it('frees the slot of a worker that dies during its start', async () => {
    const dying = await ground.run(`
      const { StartSlots } = await import(${JSON.stringify(new URL('../../../../worker/src/host/start-slots.ts', import.meta.url).href)})
      await new StartSlots({ folder: ${JSON.stringify(ground.folder.starts)}, count: 1 }).take(new AbortController().signal)`)
    const slots = slotsOf(1)
    const taken = slots.take(never)
    await waitFor('it to wait', () => waiting() === 1)
    await dying.kill()
    expect(await taken).toBe(true)
    slots.giveBack()
  })

  it('gives up waiting at once where the session ends, and holds up nobody', async () => {
    const [first, second, third] = [slotsOf(1), slotsOf(1), slotsOf(1)]
    await first.take(never)
    const end = new AbortController()
    const given = second.take(end.signal)
    await waitFor('it to wait', () => waiting() === 1)
    end.abort()
    expect(await given).toBe(false)
    await waitFor('its process to end', () => waiting() === 0)
    first.giveBack()
    expect(await third.take(never)).toBe(true)
    third.giveBack()
    expect(await third.take(AbortSignal.abort())).toBe(false)
  })

  it('starts without a slot where none became free in a long time', async () => {
    const [stuck, slots] = [slotsOf(1), slotsOf(1)]
    await stuck.take(never)
    expect(await slots.take(never)).toBe(true)
    slots.giveBack()
    stuck.giveBack()
  })

  it('starts without a slot where the volume gives no locks', async () => {
    const slots = slotsOf(1, `${ground.folder.starts}/missing`)
    expect(await slots.take(never)).toBe(true)
    slots.giveBack()
  })
})
