import { utimes, writeFile } from 'node:fs/promises'

const RENEW_EVERY_MS = 5_000

/**
 * Renews a file's time of change every five seconds while the event loop runs: a health check that finds it old knows
 * a process that hangs. It says nothing of Redis or WhatsApp, which a restart would not mend. Without a path it does
 * nothing.
 */
export async function keepAliveFile(path: string | undefined): Promise<void> {
  if (path === undefined) return
  await writeFile(path, '')
  setInterval(() => {
    const now = new Date()
    // A disk that refuses for once is no fault of the event loop; one that goes on refusing shows as an old file.
    utimes(path, now, now).catch(() => {})
  }, RENEW_EVERY_MS).unref()
}
