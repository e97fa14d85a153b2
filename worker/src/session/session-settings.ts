import type { WorkerConfig } from '../worker-config.ts'

const MS_PER_HOUR = 3_600_000

export interface SessionSettings {
  leaseTtlMs: number
  retentionMs: number
  qrTimeoutMs: number
  resendAfterCrash: 'never' | 'same-id'
}

export function sessionSettings(config: WorkerConfig): SessionSettings {
  return {
    leaseTtlMs: config.LEASE_TTL_MS,
    retentionMs: config.MESSAGE_RETENTION_HOURS * MS_PER_HOUR,
    qrTimeoutMs: config.QR_TIMEOUT_MS,
    resendAfterCrash: config.RESEND_AFTER_CRASH,
  }
}
