import { pageOf } from '@wsg/worker/src/whatsapp/page/operations/answers.ts'
import { expect, it, vi } from 'vitest'

const placeOf = ({ t, id }: { t: number; id: string }) => ({ rank: t, id })
const chats = (count: number) => Array.from({ length: count }, (_, t) => ({ t: t % 7, id: `${t}@c.us` }))

it('goes through a list page by page, each entry once, and tells its end', () => {
  const all = chats(25)
  const seen: string[] = []
  let cursor: string | undefined
  let pages = 0
  for (;;) {
    const { items, nextCursor } = pageOf(all, { limit: 10, cursor }, placeOf)
    seen.push(...items.map(({ id }) => id))
    pages += 1
    if (nextCursor === null) break
    cursor = nextCursor
  }
  expect(pages).toBe(3)
  expect(new Set(seen).size).toBe(25)
  expect(seen).toHaveLength(25)
  expect(pageOf(all, { limit: 25 }, placeOf).nextCursor).toBeNull()
  expect(pageOf([], { limit: 10 }, placeOf)).toEqual({ items: [], nextCursor: null })
})

it('goes on behind the last one of a page, though that has moved or gone meanwhile', () => {
  const all = [
    { t: 3, id: 'a' },
    { t: 2, id: 'b' },
    { t: 1, id: 'c' },
  ]
  const { nextCursor } = pageOf(all, { limit: 2 }, placeOf)
  const moved = [{ t: 9, id: 'b' }, ...all.filter(({ id }) => id === 'c')]
  expect(pageOf(moved, { limit: 2, cursor: nextCursor ?? '' }, placeOf).items).toEqual([{ t: 1, id: 'c' }])
})

it('goes through a list of tens of thousands in any order, and asks each entry for its place once', () => {
  const all = Array.from({ length: 20_000 }, (_, n) => ({ t: 0, id: `${(n * 7_919) % 20_000}@c.us` }))
  const asked = vi.fn(placeOf)
  const { items, nextCursor } = pageOf(all, { limit: 500 }, asked)
  const inOrder = all.map(({ id }) => id).sort()
  expect(items.map(({ id }) => id)).toEqual(inOrder.slice(0, 500))
  expect(asked).toHaveBeenCalledTimes(20_000)
  const second = pageOf(all, { limit: 500, cursor: nextCursor ?? '' }, placeOf)
  expect(second.items.map(({ id }) => id)).toEqual(inOrder.slice(500, 1_000))
})
