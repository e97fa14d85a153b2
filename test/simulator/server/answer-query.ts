import type { FrameFromPage, FrameFromServer, NumberAnswer, Queries, QueryName } from '../wire.ts'
import { channelAnswers } from './answer-channel-query.ts'
import { groupAnswers } from './answer-group-query.ts'
import { profileAnswers } from './answer-profile-query.ts'
import { Refusal } from './group-office.ts'
import { numberOfLid } from './lid-of-number.ts'
import type { PageConnection, ServerParts } from './page-connection.ts'
import type { Settings } from './settings.ts'

const shared = { ...channelAnswers, ...groupAnswers, ...profileAnswers }

type OwnQueryName = Exclude<QueryName, keyof typeof shared>

type Answers = {
  [Name in OwnQueryName]: (
    ask: Queries[Name]['ask'],
    page: PageConnection,
    parts: ServerParts,
  ) => Queries[Name]['answer']
}

function found<T>(thing: T | undefined): T {
  if (thing === undefined) throw new Refusal(404, 'item-not-found')
  return thing
}

const answers: Answers = {
  'number.exists': ({ number }, _page, { directory }): NumberAnswer => directory.describe(number),
  'lid.resolve': ({ lid }, _page, { directory }): NumberAnswer => directory.describe(numberOfLid(lid)),
  'link.preview': ({ url, matchedText }) => {
    const { hostname } = new URL(url)
    const [title, description] = [`Title of ${hostname}`, `What ${hostname} is about`]
    return { title, description, canonicalUrl: url, matchedText }
  },
  'pairing.code': ({ phone }, page, { pairing }) => {
    if (!/^\d{6,15}$/.test(phone)) throw new Error('invalid phone number')
    return { code: pairing.newCode(page, phone) }
  },
  'login.end': (_ask, page, { accounts }) => {
    if (page.account && page.loginId) accounts.unlink(page.account, page.loginId)
    return {}
  },
  'block.set': ({ number, blocked }, page, { accounts }) => {
    if (page.account) accounts.setBlocked(page.account, number, blocked)
    return {}
  },
  'label.act': ({ actions, chats }, page, { labels, pages }) => {
    const number = page.account?.number ?? ''
    labels.act(number, actions, chats)
    for (const open of pages.ofAccount(number)) open.deliver({ t: 'labels', labels: labels.of(number) })
    return {}
  },
  'order.get': ({ orderId, token }, _page, { orders }) => found(orders.find(orderId, token)),
  'product.get': ({ productId }, page, { orders }) =>
    found(orders.product(page.account?.number ?? '', productId)),
  'pushname.set': ({ pushName }, page, { accounts }) => {
    if (page.account) accounts.open(page.account.number, pushName)
    return {}
  },
}

const delaySettings: Partial<Record<QueryName, 'numberQueryDelayMs' | 'linkPreviewDelayMs'>> = {
  'number.exists': 'numberQueryDelayMs',
  'lid.resolve': 'numberQueryDelayMs',
  'link.preview': 'linkPreviewDelayMs',
}

/**
 * Answers what a page asks of the server, after the delay that is set for it. What is under way when the connection ends does not
 * arrive, unless it is lost on purpose: the page asks it again when it is connected, and one that was loaded anew does not.
 */
export function answerQuery(
  page: PageConnection,
  parts: ServerParts,
  { seq, name, ask }: Extract<FrameFromPage, { t: 'query' }>,
): void {
  const { delays, lostAnswers, settings } = parts
  const delay = delaySettings[name] ?? 'queryDelayMs'
  const key = `${page.loginId}:${seq}`
  const arrive = (): FrameFromServer => {
    const before = settings.current.dedupe ? lostAnswers.get(key) : undefined
    if (before) return before
    try {
      return { t: 'answer', seq, answer: answerOf(name, ask, page, parts) }
    } catch (error) {
      return { t: 'refused', seq, reason: error instanceof Error ? error.message : String(error) }
    }
  }
  page.underWay.set(seq, { name, loseAnswer: () => void lostAnswers.set(key, arrive()) })
  delays.after(settings.current[delay satisfies keyof Settings], () => {
    if (page.underWay.delete(seq)) page.send(arrive())
  })
}

const isShared = (name: QueryName): name is keyof typeof shared => name in shared

function answerOf(name: QueryName, ask: unknown, page: PageConnection, parts: ServerParts): unknown {
  const refusal = parts.settings.switchesOf(page.account?.number).refusals?.[name]
  if (refusal !== undefined) throw new Refusal(refusal, 'refused')
  if (isShared(name)) return shared[name](ask as never, page.account?.number ?? '', parts)
  return answers[name](ask as never, page, parts)
}
