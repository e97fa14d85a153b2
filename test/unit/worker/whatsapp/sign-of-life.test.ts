import { ClientClosed, PageNotReached, PageUnresponsive } from '@wsg/worker/src/whatsapp/client-errors.ts'
import { SignOfLife } from '@wsg/worker/src/whatsapp/sign-of-life.ts'
import { expect, it, vi } from 'vitest'

function ground() {
  const answers: PromiseWithResolvers<void>[] = []
  const page = { saidAgoMs: Number.POSITIVE_INFINITY, usable: Promise.resolve() }
  const ask = vi.fn(() => {
    const answer = Promise.withResolvers<void>()
    answers.push(answer)
    return answer.promise
  })
  const life = new SignOfLife({
    becomesUsable: () => page.usable,
    heardWithin: (ms) => page.saidAgoMs <= ms,
    reach: ask,
  })
  return { life, page, ask, answers }
}
const settle = async () => {
  for (let i = 0; i < 10; i++) await Promise.resolve()
}

it('asks a page that has been silent, once for all who want to know', async () => {
  const { life, ask, answers } = ground()
  const wanted = [life.fresh(), life.fresh()]
  await settle()
  expect(ask).toHaveBeenCalledTimes(1)
  answers[0]?.resolve()
  await Promise.all(wanted)
  const again = life.fresh()
  await settle()
  expect(ask).toHaveBeenCalledTimes(2)
  answers[1]?.resolve()
  await again
})

it('does not ask a page that has just said something', async () => {
  const { life, page, ask } = ground()
  page.saidAgoMs = 2
  await life.fresh()
  expect(ask).not.toHaveBeenCalled()
  page.saidAgoMs = 3
  void life.fresh()
  await settle()
  expect(ask).toHaveBeenCalledTimes(1)
})

it('waits for a page that is being loaded, whatever it said before', async () => {
  const { life, page, ask } = ground()
  const usable = Promise.withResolvers<void>()
  page.usable = usable.promise
  page.saidAgoMs = 0
  let isFresh = false
  const wanted = life.fresh().then(() => {
    isFresh = true
  })
  await settle()
  expect([isFresh, ask.mock.calls.length]).toEqual([false, 0])
  usable.resolve()
  await wanted
})

it('says that the page was not reached, whatever the reason, but for a client that has ended', async () => {
  const { life, answers } = ground()
  const wanted = life.fresh()
  await settle()
  answers[0]?.reject(new PageUnresponsive('silent'))
  await expect(wanted).rejects.toThrow(PageNotReached)
  const later = life.fresh()
  await settle()
  answers[1]?.reject(new ClientClosed('closed'))
  await expect(later).rejects.toThrow(ClientClosed)
})
