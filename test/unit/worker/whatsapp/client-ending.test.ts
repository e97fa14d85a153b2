import { ClientEnding } from '@wsg/worker/src/whatsapp/client-ending.ts'
import { ClientClosed } from '@wsg/worker/src/whatsapp/client-errors.ts'
import { expect, it } from 'vitest'

const never = new Promise<never>(() => {})

it('ends whatever waits, with the first reason, and what comes later at once', async () => {
  const ending = new ClientEnding()
  const waiting = [ending.before(never), ending.before(never), ending.promise]
  ending.come(new ClientClosed('first'))
  ending.come(new ClientClosed('second'))
  for (const one of [...waiting, ending.before(never)]) await expect(one).rejects.toThrow('first')
})

it('passes on what comes before it, be it a failure', async () => {
  const ending = new ClientEnding()
  expect(await ending.before(Promise.resolve(7))).toBe(7)
  await expect(ending.before(Promise.reject(new Error('own')))).rejects.toThrow('own')
})

it('holds on to nothing that is over', async () => {
  const ending = new ClientEnding()
  const results: WeakRef<object>[] = []
  for (let i = 0; i < 1_000; i++) {
    const result = { i }
    results.push(new WeakRef(result))
    await ending.before(Promise.resolve(result))
  }
  const { collectGarbage } = await import('@wsg/worker/src/session/session-memory.ts')
  await new Promise((resolve) => setTimeout(resolve))
  await collectGarbage()
  expect(results.filter((one) => one.deref() !== undefined).length).toBeLessThan(10)
})
