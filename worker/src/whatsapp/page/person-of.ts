import type { PageGlobals, Wid } from './page-globals.ts'

/** Somebody as the page knows one. */
export interface PagePerson {
  /** As WhatsApp has it. */
  id: string
  /** Chat id of the number, where the page knows it. */
  phone?: string
  /** The hidden identity, where the page knows it. */
  lid?: string
}

/** Runs in the page: a person, or another chat, by all ids that the page knows. */
export function personOf(named: Wid | string): PagePerson {
  const page = window as unknown as PageGlobals
  const id = typeof named === 'string' ? named : named._serialized
  try {
    const wid = page.require('WAWebWidFactory').createWid(id)
    if (!wid.isLid() && wid.server !== 'c.us') return { id }
    const other = page.sessionGatewayKit.otherIdentityOf(wid)
    const [phone, lid] = wid.isLid() ? [other, wid] : [wid, other]
    return { id, ...(phone && { phone: phone._serialized }), ...(lid && { lid: lid._serialized }) }
  } catch {
    return { id }
  }
}
