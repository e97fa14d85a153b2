import { vi } from 'vitest'

/** A message key as WhatsApp Web made it before July 2026, or since. */
export function msgKeyClass(field: '_serialized' | '$1') {
  return class MsgKey {
    [name: string]: unknown
    constructor({
      from,
      to,
      id,
      participant,
    }: { from: string; to: string; id: string; participant?: string }) {
      Object.assign(this, { from, to, id, participant, fromMe: true })
      this[field] = `true_${to}_${id}`
    }
    toString(): string {
      return this[field] as string
    }
  }
}

/** Makes `window` the one of a page with these modules, as functions that run in the page find it. */
export function openFakePage(modules: Record<string, unknown>, globals: Record<string, unknown> = {}): void {
  vi.stubGlobal('window', { require: (name: string) => modules[name], ...globals })
}
