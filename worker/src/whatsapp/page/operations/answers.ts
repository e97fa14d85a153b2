import type { OperationOutput } from '@wsg/shared/operations/operations.ts'
import type { Chat, PageGlobals } from '../page-globals.ts'
import type { PageAnswer, PageRefusal } from './page-operation.ts'

/** Runs in the page: waits until the page shows a change, and says what came of it. */
export async function onceShown<Output>(
  isDone: () => boolean,
  output: () => Output,
  deadline: number,
): Promise<PageAnswer<Output>> {
  const { becomesTrue } = (window as unknown as PageGlobals).sessionGatewayKit
  return (await becomesTrue(isDone, deadline)) ? { output: output() } : { pending: true }
}

/** Runs in the page: waits until a chat is what it was made, and describes it then. */
export async function chatOnce(
  chat: Chat,
  isDone: () => boolean,
  deadline: number,
): Promise<PageAnswer<OperationOutput<'chat.get'>>> {
  const { onceShown, describeChat } = (window as unknown as PageGlobals).sessionGatewayKit
  return await onceShown(isDone, () => describeChat(chat), deadline)
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
 * last one of a page, so that the next begins behind it whatever has changed in between. Only the page itself is sorted: nothing
 * else goes on in the document meanwhile, and a list may have tens of thousands of entries.
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
  /** In order, with one more than the page has: it tells whether there is a next one. */
  const first: { item: T; place: Place }[] = []
  for (const item of all) {
    const place = placeOf(item)
    if (last !== null && compare(place, last) <= 0) continue
    let [from, to] = [0, first.length]
    while (from < to) {
      const middle = (from + to) >> 1
      if (compare(place, (first[middle] as { place: Place }).place) < 0) to = middle
      else from = middle + 1
    }
    if (from > limit) continue
    first.splice(from, 0, { item, place })
    first.length = Math.min(first.length, limit + 1)
  }
  const page = first.slice(0, limit)
  const end = page.at(-1)
  return {
    items: page.map(({ item }) => item),
    nextCursor: end !== undefined && first.length > limit ? `${end.place.rank}_${end.place.id}` : null,
  }
}

/**
 * Runs in the page: has WhatsApp change something, once, and waits until the page shows that. What the page shows already is
 * not done again. @returns `not_confirmed` where WhatsApp's function has ended and it may have been done, `pending` where it may
 * still be done
 */
export async function confirmed<Output>(
  change: {
    /** WhatsApp's own function. */
    act(): Promise<unknown>
    /** Whether the page shows it. Where it is absent WhatsApp's own word is all there is. */
    isDone?(): boolean
    deadline: number
  },
  output: () => Output,
): Promise<PageAnswer<Output>> {
  const page = window as unknown as PageGlobals
  const { act, isDone, deadline } = change
  if (isDone?.()) return { output: output() }
  // WhatsApp Web would keep it, and do it when it is connected again.
  const isConnected = () => page.require('WAWebSocketModel').Socket.state === 'CONNECTED'
  if (!isConnected()) {
    const detail = 'WhatsApp Web is not connected at the moment. Nothing was done.'
    return { refused: 'worker_failed', detail }
  }
  if (Date.now() > deadline) return { refused: 'worker_timeout' }
  // What ends with the connection may be kept for the next one.
  const failed = (detail: string): PageAnswer<Output> =>
    isConnected() ? { refused: 'not_confirmed', detail } : { pending: true }
  try {
    // Some functions say what became of it, some just whether it went well, and others nothing.
    const said = await act()
    const { messageSendResult = 'OK' } = Object(said) as { messageSendResult?: string }
    if (said === false || messageSendResult !== 'OK')
      return failed(`WhatsApp Web said ${said && messageSendResult}.`)
  } catch (error) {
    return failed(`WhatsApp Web threw ${error}`)
  }
  if (isDone === undefined) return { output: output() }
  return await page.sessionGatewayKit.onceShown(isDone, output, deadline)
}

/**
 * Runs in the page: has WhatsApp make several changes, one after the other. None is begun after the deadline.
 * @param changes by what callers call them; undefined for one that was not asked for
 * @returns the refusal of the first that failed, which names what was changed before and what was not tried; undefined where all are made
 */
export async function changeInTurn(
  changes: Record<string, (() => Promise<unknown>) | undefined>,
  deadline: number,
): Promise<PageRefusal | undefined> {
  const wanted = Object.entries(changes).flatMap(([name, change]) => (change ? [{ name, change }] : []))
  for (const [index, { name, change }] of wanted.entries()) {
    const refuse = (refused: PageRefusal['refused'], why: string): PageRefusal => {
      const listed = (what: string, some: { name: string }[]) =>
        some.length > 0 ? ` ${what}: ${some.map((one) => one.name).join(', ')}.` : ''
      const before = listed('Changed before that', wanted.slice(0, index))
      return { refused, detail: `${why}${before}${listed('Not tried', wanted.slice(index + 1))}` }
    }
    if (Date.now() > deadline) return refuse('not_confirmed', `There was no time left for ${name}.`)
    try {
      await change()
    } catch (error) {
      const { name: kind, status, message } = error as Error & { status?: unknown }
      return kind === 'ServerStatusCodeError'
        ? refuse('whatsapp_refused', `WhatsApp refused ${name}: ${status} ${message}.`)
        : refuse('not_confirmed', `WhatsApp Web threw ${error} at ${name}, which may have been changed.`)
    }
  }
  return undefined
}

/**
 * Runs in the page: reads what came of something that was done. It stays done where that cannot be read.
 * @param done a sentence for the caller, such as "The picture was changed."
 */
export async function readBack<Output>(
  done: string,
  read: () => Output | Promise<Output>,
): Promise<PageAnswer<Output>> {
  try {
    return { output: await read() }
  } catch (error) {
    const detail = `${done} WhatsApp Web could not show what came of it: ${error}`
    return { refused: 'not_confirmed', detail }
  }
}
