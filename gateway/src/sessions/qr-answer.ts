import { type SessionSnapshot, viewSession } from '@wsg/shared/sessions/session-view.ts'
import { z } from 'zod'
import { toDataUrl } from './qr-picture.ts'
import { sessionAnswerSchema, toSessionAnswer } from './session-answer.ts'

export const qrAnswerSchema = sessionAnswerSchema.extend({
  /** The picture as a data URL, null where there is no code. */
  qr: z.string().nullable(),
  /** The text that the picture shows. */
  code: z.string().nullable(),
  expiresAt: z.iso.datetime().nullable(),
})
export type QrAnswer = z.infer<typeof qrAnswerSchema>

/** The code that can be scanned at this moment, null where there is none. */
export function scannableCode(
  snapshot: SessionSnapshot,
): { code: string; expiresAtMs: number | null } | null {
  const { qr, qrExpiresAt } = snapshot.fields
  const { status, live } = viewSession(snapshot)
  if (!live || status !== 'waiting_qr' || qr === undefined) return null
  const expiresAtMs = qrExpiresAt === undefined ? null : Number(qrExpiresAt)
  return expiresAtMs !== null && expiresAtMs <= snapshot.nowMs ? null : { code: qr, expiresAtMs }
}

/** True once there is nothing more to wait for: a code, a login, or the end of the session. */
export function isQrDecided(snapshot: SessionSnapshot): boolean {
  const { status, live } = viewSession(snapshot)
  return (
    scannableCode(snapshot) !== null ||
    (live && status === 'ready') ||
    status === 'failed' ||
    status === 'stopped'
  )
}

export async function toQrAnswer(sessionId: string, snapshot: SessionSnapshot): Promise<QrAnswer> {
  const scannable = scannableCode(snapshot)
  return {
    ...toSessionAnswer(sessionId, snapshot),
    qr: scannable === null ? null : await toDataUrl(scannable.code),
    code: scannable?.code ?? null,
    expiresAt: scannable?.expiresAtMs == null ? null : new Date(scannable.expiresAtMs).toISOString(),
  }
}
