import type { ApiClient } from '../support/api-client.ts'
import type { SimulatorClient } from '../support/simulator-client.ts'
import { happenings, type Place } from './happenings.ts'
import type { Turnstile } from './turnstile.ts'

/** A session, its phone, and whom it writes with. */
export interface Account {
  session: string
  phone: string
  peers: readonly string[]
}

/** What readers of a session's events have to be told. */
export interface Expected {
  session: string
  subject: string
  /** What happened, as the table calls it. */
  because: string
}

interface Group {
  id: string
  inviteCode: string
}

const ROUND = Object.entries(happenings).flatMap(([name, { times }]) => Array<string>(times).fill(name))

/** All others: they write to the sessions, and do everything else that can happen to one, at the pace at which the sessions send. */
export class Others {
  readonly expected: Expected[] = []
  readonly #simulator: SimulatorClient
  readonly #api: ApiClient
  readonly #accounts: readonly Account[]
  readonly #groups = new Map<string, Group>()
  readonly #channels = new Map<string, string>()
  /** How much has happened. */
  #count = 0

  constructor(simulator: SimulatorClient, api: ApiClient, accounts: readonly Account[]) {
    this.#simulator = simulator
    this.#api = api
    this.#accounts = accounts
  }

  /** Makes a group and a channel for each account. */
  async start(): Promise<void> {
    for (const { phone, peers } of this.#accounts) {
      const [owner = '', ...members] = peers.slice(0, 2)
      const { group } = (await this.#simulator.post('/groups', {
        ...{ owner, subject: 'Group', members: [phone, ...members], membershipApprovalMode: true },
      })) as { group: Group }
      this.#groups.set(phone, group)
      const { channel } = (await this.#simulator.post('/channels', {
        ...{ owner, name: 'News', subscribers: [phone] },
      })) as { channel: { id: string } }
      this.#channels.set(phone, channel.id)
    }
  }

  /** Lets `count` things happen, one account after the other, while `sends` pass. */
  async run(turnstile: Turnstile, { count, sends }: { count: number; sends: number }): Promise<void> {
    for (let n = 0; n < count; n++) {
      await turnstile.until(Math.floor((n * sends) / count))
      // Every account meets all of a round.
      const because = ROUND[Math.floor(n / this.#accounts.length) % ROUND.length] as string
      await this.#happen(because, this.#accounts[n % this.#accounts.length] as Account)
    }
  }

  /** Lets everything happen once to one account. */
  async once(): Promise<void> {
    for (const because of Object.keys(happenings)) await this.#happen(because, this.#accounts[0] as Account)
  }

  async #happen(because: string, account: Account): Promise<void> {
    const { session } = account
    const subjects = (await happenings[because]?.happen(this.#placeOf(account))) ?? []
    this.expected.push(...subjects.map((subject) => ({ session, subject, because })))
  }

  #placeOf({ session, phone, peers }: Account): Place {
    const n = this.#count++
    const peer = peers[Math.floor(n / this.#accounts.length) % peers.length] as string
    const [owner] = peers
    const group = this.#groups.get(phone) as Group
    const channel = this.#channels.get(phone)
    const unique = `4477${String(n).padStart(8, '0')}`
    const written = async (path: string, body: object) =>
      ((await this.#post(path, body)) as { message: { id: string } }).message.id
    const done = async (path: string, body: object) => void (await this.#post(path, body))
    return {
      unique,
      write: (content) => written('/inbound', { account: phone, from: peer, ...content }),
      writeInGroup: (content) => written('/inbound', { group: group.id, from: owner, ...content }),
      writeOnPhone: (content) => written('/outbound', { account: phone, to: peer, ...content }),
      act: (id, what, more = {}) => done(`/messages/${id}/${what}`, { by: peer, ...more }),
      group: (path, body) =>
        path === 'join'
          ? done('/groups/join', { code: group.inviteCode, ...body })
          : done(`/groups/${path}`, { group: group.id, by: owner, ...body }),
      phone: (path, body) => done(path, { ...aboutAccount(path, phone, peer), ...body }),
      ring: async () => {
        const { call } = (await this.#post('/calls', { account: phone, from: peer })) as {
          call: { id: string }
        }
        return call.id
      },
      postInChannel: (body) => done('/channels/post', { channel, body }),
      removeChat: async () => {
        await written('/inbound', { account: phone, from: unique, body: 'to be deleted' })
        await done('/chats', { account: phone, chat: unique, change: { removed: true } })
      },
      showAvailable: async () => {
        const request = { method: 'PUT', session, body: { available: true } }
        await this.#api.request('/presence', request).catch(() => {})
      },
    }
  }

  /** On a busy machine the simulator may have closed an idle connection that is used again. */
  async #post(path: string, body: object): Promise<unknown> {
    const post = () => this.#simulator.post(path, body)
    return await post().catch((error: Error) => {
      if (error.message.includes('refused')) throw error
      return post()
    })
  }
}

function aboutAccount(path: string, account: string, peer: string): object {
  if (path === '/chats') return { account, chat: peer }
  if (path === '/presence') return { account, from: peer }
  return path === '/calls/change' ? {} : { account }
}
