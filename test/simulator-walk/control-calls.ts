import type { Call } from '../simulator/server/calls.ts'
import type { Channel } from '../simulator/server/channels.ts'
import type { Group } from '../simulator/server/groups.ts'
import type { LedgerEntry } from '../simulator/server/ledger.ts'
import type { LoggedMessage } from '../simulator/server/message-log.ts'
import type { Settings } from '../simulator/server/settings.ts'
import type { WireLabel, WireProduct } from '../simulator/wire.ts'

async function call<T>(url: string, body?: object): Promise<T> {
  const init = body && {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  }
  const response = await fetch(url, init)
  const answer = (await response.json()) as T & { error?: string }
  if (!response.ok) throw new Error(`${response.status}: ${answer.error}`)
  return answer
}

/** The control API of one simulator, as the tests use it. A refusal is thrown with its status and sentence. */
export function controlCalls(url: string) {
  return {
    scan: (what: { qr?: string; code?: string; phone: string; pushName?: string }) =>
      call(`${url}/scan`, what),
    messages: async (account: string, to: string) =>
      (await call<{ messages: LoggedMessage[] }>(`${url}/messages?account=${account}&to=${to}`)).messages,
    inbound: async (account: string, from: string, body: string) =>
      (await call<{ message: LoggedMessage }>(`${url}/inbound`, { account, from, body })).message,
    /** Something else than text: a file, or a kind with its fields. */
    inboundContent: async (account: string, from: string, content: object) =>
      (await call<{ message: LoggedMessage }>(`${url}/inbound`, { account, from, ...content })).message,
    /** The file of a message. */
    file: async (id: string) => {
      const response = await fetch(`${url}/messages/${id}/media`)
      return {
        mimetype: response.headers.get('content-type'),
        data: Buffer.from(await response.arrayBuffer()),
      }
    },
    /** Something that a member writes in a group. */
    inGroup: async (group: string, from: string, content: object) =>
      (await call<{ message: LoggedMessage }>(`${url}/inbound`, { group, from, ...content })).message,
    groups: async () => (await call<{ groups: Group[] }>(`${url}/groups`)).groups,
    makeGroup: async (group: { owner: string; subject: string; members: string[] }) =>
      (await call<{ group: Group }>(`${url}/groups`, group)).group,
    /** A member does something in a group on a phone: `members`, `change`, `join` or `leave`. */
    group: (action: string, what: object) => call<{ group?: Group }>(`${url}/groups/${action}`, what),
    channels: async () => (await call<{ channels: Channel[] }>(`${url}/channels`)).channels,
    makeChannel: async (owner: string, name: string) =>
      (await call<{ channel: Channel }>(`${url}/channels`, { owner, name })).channel,
    /** The owner of a channel invites somebody to be an admin of it. */
    inviteAdmin: (channel: string, number: string) => call(`${url}/channels/invite`, { channel, number }),
    label: async (account: string, what: { name: string; chats?: string[] }) =>
      (await call<{ label: WireLabel }>(`${url}/labels`, { account, ...what })).label,
    labels: async (account: string) =>
      (await call<{ labels: WireLabel[] }>(`${url}/labels?account=${account}`)).labels,
    order: (account: string, from: string, products: WireProduct[]) =>
      call(`${url}/orders`, { account, from, products }),
    ring: async (account: string, from: string) =>
      (await call<{ call: Call }>(`${url}/calls`, { account, from })).call,
    calls: async (account: string) =>
      (await call<{ calls: Call[] }>(`${url}/calls?account=${account}`)).calls,
    outbound: (account: string, to: string, body: string) => call(`${url}/outbound`, { account, to, body }),
    logout: (account: string) => call<{ loggedOut: number }>(`${url}/logout`, { account }),
    conflict: (account: string) => call<{ pages: number }>(`${url}/conflict`, { account }),
    drop: (account?: string, how: { arrives?: true } = {}) =>
      call<{ pages: number }>(`${url}/drop`, { ...(account && { account }), ...how }),
    /** What pages ask of the server and that has not arrived there. */
    queries: async () => (await call<{ queries: string[] }>(`${url}/queries`)).queries,
    passkey: (account: string) => call<{ pages: number }>(`${url}/passkey`, { account }),
    crash: (account: string) => call<{ pages: number }>(`${url}/crash`, { account }),
    hang: (account: string, how: 'wedged' | 'frozen') =>
      call<{ pages: number }>(`${url}/hang`, { account, how }),
    readSettings: () => call<Settings>(`${url}/settings`),
    settings: (change: Partial<Settings>) => call<Settings>(`${url}/settings`, change),
    accounts: async () =>
      (
        await call<{
          accounts: { account: string; blocked: string[]; logins: { id: string; connected: boolean }[] }[]
        }>(`${url}/accounts`)
      ).accounts,
    presence: async (account: string) =>
      (
        await call<{ presence: { account: string; available: boolean }[] }>(
          `${url}/presence?account=${account}`,
        )
      ).presence,
    readReceipts: async (account: string) =>
      (
        await call<{ readReceipts: { account: string; from: string; ids: string[] }[] }>(
          `${url}/read-receipts?account=${account}`,
        )
      ).readReceipts,
    ledger: async () => (await call<{ ledger: LedgerEntry[] }>(`${url}/ledger`)).ledger,
  }
}
