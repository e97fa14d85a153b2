import type { FormField } from '../../../gateway/src/dashboard/form-fields.ts'
import { ApiProblem } from '../../../gateway/src/dashboard/page/api/api.ts'

/** The part of the control API that the phone page uses. Every refusal is thrown with the server's own words. */
export interface PhoneMessage {
  id: string
  from: string
  /** Digits, or the id of a group. */
  to: string
  body: string
  type: string
  extras?: {
    caption?: string
    filename?: string
    pollName?: string
    pollOptions?: { name: string; localId: number }[]
    eventName?: string
    vcardFormattedName?: string
    loc?: string
    lat?: number
    lng?: number
    /** Of what is said about another message. */
    target?: { id: string }
    addOn?: { reactionText?: string; text?: string; selectedOptionLocalIds?: number[] }
  }
  at: string
  ack: number
  quoted?: { body: string }
}

export interface PhoneAccount {
  account: string
  pushName: string
  /** Chat ids. */
  archived: string[]
  logins: { id: string; pairedAt: string; connected: boolean }[]
}

export interface PhoneGroup {
  id: string
  subject: string
  /** Roles by number. */
  members: Record<string, string>
}

/** What can be written beside a text, and how it is asked for. */
export type PhoneKinds = Readonly<Record<string, FormField[]>>

async function call<T>(path: string, body?: object): Promise<T> {
  const response = await fetch(
    path,
    body && { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) },
  ).catch(() => {
    throw new ApiProblem(0, { error: 'The simulator cannot be reached.' })
  })
  const answer = (await response.json()) as T & { error?: string }
  if (!response.ok) throw new ApiProblem(response.status, { error: answer.error ?? `${response.status}` })
  return answer
}

export const controlClient = {
  kinds: () => call<PhoneKinds>('/phone-kinds'),
  accounts: async () => (await call<{ accounts: PhoneAccount[] }>('/accounts')).accounts,
  messages: async () => (await call<{ messages: PhoneMessage[] }>('/messages?limit=5000')).messages,
  groups: async () => (await call<{ groups: PhoneGroup[] }>('/groups')).groups,
  /** Whatever else a person does: the path says what. */
  act: <T>(path: string, body: object) => call<T>(path, body),
}
