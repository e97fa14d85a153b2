/** The part of the control API that the phone page uses. Every refusal is thrown with the server's own words. */
export interface PhoneMessage {
  id: string
  from: string
  to: string
  body: string
  type: string
  extras?: { caption?: string; filename?: string }
  at: string
  ack: number
  quoted?: { body: string }
}

export interface PhoneAccount {
  account: string
  pushName: string
  logins: { id: string; pairedAt: string; connected: boolean }[]
}

async function call<T>(path: string, body?: object): Promise<T> {
  const response = await fetch(
    path,
    body && { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) },
  )
  const answer = (await response.json()) as T & { error?: string }
  if (!response.ok) throw new Error(answer.error ?? `${response.status}`)
  return answer
}

export const controlClient = {
  accounts: async () => (await call<{ accounts: PhoneAccount[] }>('/accounts')).accounts,
  messages: async (account: string) =>
    (await call<{ messages: PhoneMessage[] }>(`/messages?account=${account}&limit=2000`)).messages,
  open: (phone: string, pushName: string) => call('/phones', { phone, ...(pushName && { pushName }) }),
  scan: (phone: string, what: { qr: string } | { code: string }) => call('/scan', { phone, ...what }),
  send: (account: string, to: string, body: string) => call('/outbound', { account, to, body }),
  read: (account: string, from: string) => call('/read', { account, from }),
  logOut: (account: string, login: string) => call('/logout', { account, login }),
}
