import { readdir, rm, stat } from 'node:fs/promises'
import { basename, dirname } from 'node:path'
import { HostFolder, workerIdsIn } from './host-folder.ts'
import { probeLocks } from './probe-locks.ts'

/** A file that was young has a worker that may only be about to report. */
export const LEFT_AFTER_MS = 10 * 60_000

export interface LeftoverOptions {
  folder: HostFolder
  /** Of this worker itself. */
  workerId: string
  profiles: string
  /** Of those named, the ones that Redis has not forgotten. */
  knownAmong(workerIds: string[]): Promise<Set<string>>
}

/**
 * Removes the files of workers that ended without a session, and whatever another boot left. A file that were taken
 * from a living worker would cost nothing but a fast takeover: its lease then has to run out.
 */
export async function removeLeftovers(options: LeftoverOptions): Promise<void> {
  const root = HostFolder.rootIn(options.profiles)
  for (const bootId of await readdir(root)) {
    const folder = new HostFolder(options.profiles, bootId)
    const left = await leftIn(folder, options)
    const isOwn = folder.workers === options.folder.workers
    for (const path of isOwn ? await unheld(left, options) : left) await rm(path, { force: true })
    if (!isOwn && (await isForsaken(folder.workers))) {
      await rm(dirname(folder.workers), { recursive: true, force: true })
    }
  }
}

async function leftIn(folder: HostFolder, { knownAmong }: LeftoverOptions): Promise<string[]> {
  const old: string[] = []
  for (const workerId of workerIdsIn(await readdir(folder.workers).catch(() => []))) {
    if (await isOld(folder.lockOf(workerId))) old.push(workerId)
  }
  if (old.length === 0) return []
  const known = await knownAmong(old)
  return old.filter((workerId) => !known.has(workerId)).map((workerId) => folder.lockOf(workerId))
}

/** An owner's file is not touched here: what follows from its death is for whoever looks for the dead. */
async function unheld(paths: string[], { folder, workerId }: LeftoverOptions): Promise<string[]> {
  const idle: string[] = []
  for (const path of paths) {
    if ((await folder.sessionOf(basename(path, '.lock'))) === null) idle.push(path)
  }
  if (idle.length === 0) return []
  const suspects = idle.map((workerLock) => ({ workerLock, profileLock: '' }))
  const { dead, release } = await probeLocks(folder.lockOf(workerId), suspects)
  await release()
  return dead.map(({ workerLock }) => workerLock)
}

async function isForsaken(workers: string): Promise<boolean> {
  const names = await readdir(workers).catch(() => [])
  return names.length === 0 && (await isOld(workers))
}

async function isOld(path: string): Promise<boolean> {
  const { mtimeMs } = await stat(path).catch(() => ({ mtimeMs: Number.POSITIVE_INFINITY }))
  return Date.now() - mtimeMs > LEFT_AFTER_MS
}
