/** How long a client waits for what, in ms. */
export interface ClientTimeouts {
  /** Until a started Chromium answers. */
  launchMs: number
  /** Until WhatsApp Web wants a code or has found a login. */
  loadMs: number
  /** From the login until `ready`, begun anew whenever syncing moves on. */
  readyMs: number
  /** One call into the page. */
  callMs: number
  /** An upload to WhatsApp, besides what its size takes on a slow line. */
  uploadMs: number
  /** A clean end of Chromium; then it is killed. */
  closeMs: number
  /** From one sign of life of the page until it is asked for the next. */
  probeEveryMs: number
  /** For one of them; two missed in a row are a fault. */
  probeMs: number
}

export const defaultTimeouts: ClientTimeouts = {
  launchMs: 60_000,
  // Below a minute, so that within one a caller is told that WhatsApp cannot be reached.
  loadMs: 50_000,
  readyMs: 150_000,
  callMs: 30_000,
  uploadMs: 30_000,
  closeMs: 10_000,
  // A hang is noticed within 24 s; a page that is only slow has 16 s for one answer.
  probeEveryMs: 8_000,
  probeMs: 8_000,
}
