import type { OperationName } from '@wsg/shared/operations/operations.ts'
import { Reads } from '@wsg/worker/src/operations/reads.ts'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

/** @param takesMs how long each is in the page */
function ground(takesMs = 0) {
  const reads = new Reads()
  const page = { now: 0, most: 0, done: 0 }
  const work = async () => {
    page.now += 1
    page.most = Math.max(page.most, page.now)
    if (takesMs > 0) await new Promise((resolve) => setTimeout(resolve, takesMs))
    page.now -= 1
    page.done += 1
  }
  const ask = (name: OperationName, count: number, leftMs = 30_000) =>
    Array.from({ length: count }, () =>
      reads.run(name, Date.now() + leftMs, work).then(
        () => 'read',
        ({ code, name }) => code ?? name,
      ),
    )
  return { reads, page, ask }
}

describe('what only reads', () => {
  it('is read of the page one after another, which has as long for sending after each as it took', async () => {
    const { page, ask } = ground(100)
    const asked = ask('chat.list', 5)
    await vi.advanceTimersByTimeAsync(100)
    expect(await asked[0]).toBe('read')
    await vi.advanceTimersByTimeAsync(100)
    expect(page).toEqual({ now: 1, most: 1, done: 1 })
    await vi.advanceTimersByTimeAsync(700)
    expect(await Promise.all(asked)).toEqual(Array.from({ length: 5 }, () => 'read'))
    expect(page.most).toBe(1)
  })

  it('does not rest for longer than a second, and goes on after one that failed', async () => {
    const reads = new Reads()
    const failed = reads.run('chat.list', Date.now() + 30_000, async () => {
      await new Promise((resolve) => setTimeout(resolve, 5_000))
      throw new Error('the page hung')
    })
    const next = reads.run('chat.get', Date.now() + 30_000, async () => 'read')
    const told = expect(failed).rejects.toThrow('the page hung')
    await vi.advanceTimersByTimeAsync(6_000)
    await told
    expect(await next).toBe('read')
  })

  it('is at most twenty a second for long, and refused at once where its turn would come too late', async () => {
    const { page, ask } = ground()
    const asked = ask('chat.list', 600)
    expect(await asked[599]).toBe('too_many_reads')
    await vi.advanceTimersByTimeAsync(5_000)
    expect(page.done).toBe(120)
    await vi.advanceTimersByTimeAsync(20_000)
    // Within 30 s, of which 5 s are for the answer.
    expect((await Promise.all(asked)).filter((answer) => answer === 'read')).toHaveLength(520)
  })

  it('is refused where those before it took so long that there is no time for its answer', async () => {
    const { ask } = ground(1_000)
    const asked = ask('chat.list', 20)
    await vi.advanceTimersByTimeAsync(60_000)
    const answers = await Promise.all(asked)
    expect(answers.lastIndexOf('read')).toBe(12)
    expect(answers.indexOf('too_many_reads')).toBe(13)
  })

  it('is read though little time is left, where nothing is before it; and told too late to one who waits', async () => {
    const { ask } = ground(100)
    const asked = ask('chat.list', 2, 1_000)
    await vi.advanceTimersByTimeAsync(100)
    expect(await Promise.all(asked)).toEqual(['read', 'too_many_reads'])
  })

  it('is told at once that its turn does not come where the session is let go of, unless it was begun', async () => {
    const { reads, ask } = ground(1_000)
    const asked = ask('chat.list', 30)
    await vi.advanceTimersByTimeAsync(500)
    reads.stop()
    expect(await asked[29]).toBe('ClientClosed')
    await vi.advanceTimersByTimeAsync(500)
    expect(await asked[0]).toBe('read')
  })

  it('has a rate where WhatsApp is asked, which does not hold back what the page knows', async () => {
    const { page, ask } = ground()
    ask('contact.get', 30)
    await vi.advanceTimersByTimeAsync(100)
    expect(page.done).toBe(20)
    expect(await ask('chat.list', 1)[0]).toBe('read')
    await vi.advanceTimersByTimeAsync(1_000)
    expect(page.done).toBe(22)
  })

  it('is refused at once where WhatsApp would be asked too late, and asks it four at a time', async () => {
    const { page, ask } = ground(100)
    const asked = ask('group.get', 60)
    expect(await asked[59]).toBe('too_many_reads')
    await vi.advanceTimersByTimeAsync(26_000)
    expect((await Promise.all(asked)).filter((answer) => answer === 'read')).toHaveLength(45)
    expect(page.most).toBe(4)
  })
})

it.each(['chat.archive', 'group.create', 'number.check', 'status.probe'] as const)(
  'holds %s back by nothing',
  async (name) => {
    const { page, ask } = ground(100)
    const asked = ask(name, 200)
    await vi.advanceTimersByTimeAsync(100)
    await Promise.all(asked)
    expect(page.most).toBe(200)
  },
)
