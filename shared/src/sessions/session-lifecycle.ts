/**
 * The states of a session, the reasons for them, and which state may follow which.
 *
 * The five states of the usage guide, and `stopped`. A state says what a caller may do; the reason says why it
 * is so; the sentence says what to do next. Only a worker that holds the session's lease moves `initializing`,
 * `waiting_qr` and `ready`; what a caller is shown is derived in `session-view.ts`, because a dead owner's
 * `ready` is no longer true.
 */

export const sessionStatuses = [
  'not_found',
  'initializing',
  'waiting_qr',
  'ready',
  'failed',
  'stopped',
] as const
export type SessionStatus = (typeof sessionStatuses)[number]

/** The states that an owner may publish: the others follow from what is not there. */
export type OwnedStatus = 'initializing' | 'waiting_qr' | 'ready' | 'failed' | 'stopped'

const reasonCatalogue = {
  unknown_session: 'Session does not exist. Request QR code to create.',
  waiting_for_worker:
    'Waiting for a free worker. It starts as soon as one is idle; add workers if this lasts.',
  starting: 'Starting the browser.',
  restoring: 'Restoring the saved login. No QR code is needed.',
  loading: 'WhatsApp Web is loading.',
  syncing: 'Logged in, WhatsApp is syncing.',
  reconnecting: 'The connection was lost and is being restored. No QR code is needed.',
  recycling: 'The browser had grown too large and is being replaced. No QR code is needed.',
  restarting: 'Restarting after a fault; the next attempt follows by itself.',
  qr_available: 'Scan this QR code with WhatsApp',
  pairing_code: 'Enter the pairing code in WhatsApp on the phone.',
  connected: 'Connected and ready to send messages',
  qr_expired: 'The QR code was not scanned in time. Request a new QR code.',
  logged_out: 'The phone logged this session out. Request a new QR code.',
  auth_failure: 'Authentication failed. Request a new QR code.',
  whatsapp_unreachable:
    'WhatsApp Web could not be reached. Check the network; a saved login is tried again by itself and takes messages meanwhile, otherwise request a new QR code.',
  page_unsupported:
    'WhatsApp Web has changed: it lacks what a login needs (engine.missing names it), calls its version too old, or does not start in this Chromium. Update this service, and Chromium. A saved login is tried again by itself and takes messages meanwhile, otherwise request a new QR code then.',
  account_blocked:
    'WhatsApp has blocked this account, for a time or for good. Open WhatsApp on the phone: it says why, and how to ask for a review. A saved login is tried again by itself every quarter of an hour.',
  proxy_blocked:
    'WhatsApp refuses the network or proxy that this session comes from. Give it another way out with PUT /session {proxy}. A saved login is tried again by itself.',
  proxy_unreachable:
    'The proxy of this session does not answer, or does not reach WhatsApp. Check it, or set another with PUT /session {proxy}. A saved login is tried again by itself and takes messages meanwhile, otherwise request a new QR code then.',
  proxy_refused:
    'The proxy of this session refuses its user name or password. Correct them with PUT /session {proxy}. A saved login is tried again by itself and takes messages meanwhile, otherwise request a new QR code then.',
  profile_in_use: 'Another browser still holds the profile of this session. It is tried again by itself.',
  profile_not_owned:
    'The profile folder belongs to another user. Correct its owner and start the session again.',
  foreign_world:
    'This profile belongs to the other world (sandbox or real WhatsApp) and is not opened here. Use another data folder.',
  crash_loop:
    'The session fails again and again. A saved login is tried again by itself, after rests of up to 5 minutes, and takes messages meanwhile; otherwise request a new QR code.',
  memory_limit:
    'The session goes over its memory limit again and again. Give it more memory. A saved login is tried again by itself, after rests of up to 5 minutes, and takes messages meanwhile; otherwise request a new QR code.',
  browser_missing:
    'No Chromium was found, or none with the sandbox that CHROMIUM_SANDBOX asks for. Install one or set PUPPETEER_EXECUTABLE_PATH.',
  passkey_required:
    'WhatsApp asks for a passkey to link this device, which only a person at a browser can give. Switch passkeys off on the phone (WhatsApp, Settings, Account, Passkeys), then request a new QR code.',
  operator: 'Stopped on request. Request /session/start or /qr to go on.',
  idle: 'Stopped because it was idle. Any request that names it loads it again.',
  saved_login:
    'A saved login is there and not loaded. Any request that names it loads it, except those of a viewer.',
  unlinked:
    'Logged out on request. Request /session/start or /qr for a new QR code; what waits to be sent is kept.',
  logging_out: 'The session is being logged out at WhatsApp.',
  logout_unconfirmed:
    'Stopped, and not logged out: WhatsApp did not confirm it, so the phone may still list this device. The login is kept: request /session/logout again, or /session/start to go on.',
  deleting: 'The session is being logged out and removed.',
} as const

export type SessionReason = keyof typeof reasonCatalogue
export const sessionReasons = Object.keys(reasonCatalogue) as SessionReason[]

export function isSessionReason(value: string | undefined): value is SessionReason {
  return value !== undefined && Object.hasOwn(reasonCatalogue, value)
}

/** The sentence a caller reads: what is going on, and what to do next. */
export function sentenceFor(reason: SessionReason): string {
  return reasonCatalogue[reason]
}

/**
 * Which state an owner may move to from which. `failed` and `stopped` are ends: the owner lets go of the lease
 * and the next start is a new ownership, which begins at `initializing`.
 */
export const sessionTransitions: Readonly<Record<OwnedStatus, readonly OwnedStatus[]>> = {
  initializing: ['initializing', 'waiting_qr', 'ready', 'failed', 'stopped'],
  waiting_qr: ['waiting_qr', 'initializing', 'ready', 'failed', 'stopped'],
  ready: ['initializing', 'failed', 'stopped'],
  failed: [],
  stopped: [],
}

export function mayMove(from: OwnedStatus, to: OwnedStatus): boolean {
  return sessionTransitions[from].includes(to)
}
