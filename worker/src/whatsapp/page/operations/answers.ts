import type { OperationOutput } from '@wsg/shared/operations/operations.ts'
import type { Chat, PageGlobals } from '../page-globals.ts'
import type { PageAnswer } from './page-operation.ts'

/** Runs in the page: waits until a chat is what it was made, and describes it then. */
export async function chatOnce(
  chat: Chat,
  isDone: () => boolean,
  deadline: number,
): Promise<PageAnswer<OperationOutput<'chat.get'>>> {
  const { becomesTrue, describeChat } = (window as unknown as PageGlobals).sessionGatewayKit
  return (await becomesTrue(isDone, deadline))
    ? { output: describeChat(chat) }
    : { refused: 'worker_timeout' }
}

/** Runs in the page: waits for what another part of the page does. @returns false where it did not by the deadline */
export async function becomesTrue(isDone: () => boolean, deadline: number): Promise<boolean> {
  while (!isDone()) {
    if (Date.now() > deadline) return false
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  return true
}

/**
 * Runs in the page: one page of a list, the highest rank first and by their ids within one rank. The cursor is the rank and id of the
 * last one of a page, so that the next begins behind it whatever has changed in between.
 */
export function pageOf<T>(
  all: readonly T[],
  { limit, cursor }: { limit: number; cursor?: string | undefined },
  placeOf: (item: T) => { rank: number; id: string },
): { items: T[]; nextCursor: string | null } {
  type Place = ReturnType<typeof placeOf>
  const compare = (one: Place, other: Place) =>
    other.rank - one.rank || (one.id < other.id ? -1 : Number(one.id !== other.id))
  const [, rank, id] = /^(\d+)_(.*)$/.exec(cursor ?? '') ?? []
  const last = rank !== undefined && id !== undefined ? { rank: Number(rank), id } : null
  const placed = all
    .map((item) => ({ item, place: placeOf(item) }))
    .filter(({ place }) => last === null || compare(place, last) > 0)
    .sort((one, other) => compare(one.place, other.place))
  const page = placed.slice(0, limit)
  const end = page.at(-1)
  return {
    items: page.map(({ item }) => item),
    nextCursor: end !== undefined && placed.length > limit ? `${end.place.rank}_${end.place.id}` : null,
  }
}
