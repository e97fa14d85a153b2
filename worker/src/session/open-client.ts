import { setTimeout as pause } from 'node:timers/promises'
import {
  BrowserMissing,
  ClientFailed,
  ForeignWorld,
  ProfileLocked,
  ProfileNotOwned,
  WhatsAppUnreachable,
} from '../whatsapp/client-errors.ts'
import type { WhatsAppClient } from '../whatsapp/whatsapp-client.ts'
import { endOfFault, type SessionEnd } from './ending.ts'

const FIRST_RETRY_MS = 100
const LAST_RETRY_MS = 2_000

export interface OpenClientParts {
  /** A new client, already listened to. A client is used once. */
  create(): WhatsAppClient
  /** Waits for its turn, runs the start, says when it is over. */
  startGate(start: () => Promise<void>): Promise<void>
  onProfileLocked(): void
  /** True once the ownership is ending: nothing is started any more. */
  ending(): boolean
}

/**
 * Opens the browser. While a predecessor's browser still holds the profile it tries again: that one is dying, or
 * belongs to a paused worker which kills it when it wakes.
 * @returns how the ownership ends where it cannot be opened, null where it is open
 */
export async function openClient(parts: OpenClientParts): Promise<SessionEnd | null> {
  for (let retryMs = FIRST_RETRY_MS; ; retryMs = Math.min(LAST_RETRY_MS, retryMs * 2)) {
    try {
      await parts.startGate(async () => {
        if (!parts.ending()) await parts.create().open()
      })
      return null
    } catch (error) {
      if (!(error instanceof ProfileLocked)) return endOf(error)
      if (parts.ending()) return null
      parts.onProfileLocked()
      await pause(retryMs)
    }
  }
}

function endOf(error: unknown): SessionEnd {
  const detail = error instanceof Error ? error.message : String(error)
  if (error instanceof ClientFailed) return endOfFault(error.fault)
  if (error instanceof WhatsAppUnreachable) return { kind: 'unreachable', detail }
  if (error instanceof ProfileNotOwned) return { kind: 'failed', reason: 'profile_not_owned', detail }
  if (error instanceof ForeignWorld) return { kind: 'failed', reason: 'foreign_world', detail }
  if (error instanceof BrowserMissing) return { kind: 'failed', reason: 'browser_missing', detail }
  return { kind: 'fault', fault: { kind: 'unexpected', detail } }
}
