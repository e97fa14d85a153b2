import { lstatSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { ForeignWorld, ProfileNotOwned } from '../client-errors.ts'
import { NOBODY } from './isolation.ts'

export type World = 'real' | 'sandbox'

const MARK = '.world'

/**
 * Makes sure that a profile folder is there, is ours, and is of this world, before any browser sees it. A folder
 * with content and without a mark comes from an earlier service and is real.
 * @param owner the user id as which the browser will run
 * @returns whether the folder has to be given to that user first, by whoever holds its lock
 * @throws ProfileNotOwned, ForeignWorld
 */
export function prepareProfile(
  profilePath: string,
  lockPath: string,
  world: World,
  owner = myUserId(),
): { mustBeGiven: boolean } {
  try {
    for (const folder of [profilePath, dirname(lockPath)]) mkdirSync(folder, { recursive: true, mode: 0o700 })
    const entries = readdirSync(profilePath)
    refuseForeignOwner(profilePath, entries)
    const mark = readMark(profilePath)
    const marked = mark ?? (entries.length > 0 ? 'real' : world)
    if (marked !== world)
      throw new ForeignWorld(
        `The profile ${profilePath} is of the ${marked} world and not opened in the ${world} one.`,
      )
    // 'wx' follows no link, which a browser could have left there for root to write through.
    if (mark === null) writeFileSync(join(profilePath, MARK), world, { flag: 'wx' })
    return { mustBeGiven: ownerOf(profilePath) !== owner }
  } catch (error) {
    throw isRefused(error) ? notOwned(profilePath, dirname(profilePath), error) : error
  }
}

/** Root starts browsers as itself or as nobody, so the profiles of both are its own. */
function refuseForeignOwner(profilePath: string, entries: string[]): void {
  const ours = myUserId() === 0 ? [0, NOBODY.uid] : [myUserId()]
  const isForeign = (path: string) => !ours.includes(ownerOf(path))
  if ([profilePath, ...entries.map((entry) => join(profilePath, entry))].some(isForeign))
    throw notOwned(profilePath, profilePath)
}

/** The owner's user id; ours where it vanished meanwhile. */
function ownerOf(path: string): number {
  return lstatSync(path, { throwIfNoEntry: false })?.uid ?? myUserId()
}

function readMark(profilePath: string): World | null {
  try {
    return readFileSync(join(profilePath, MARK), 'utf8').trim() === 'sandbox' ? 'sandbox' : 'real'
  } catch (error) {
    if (isRefused(error)) throw error
    return null
  }
}

function isRefused(error: unknown): boolean {
  return ['EACCES', 'EPERM'].includes((error as NodeJS.ErrnoException).code ?? '')
}

/** @param folder what to give to our user: other profiles are in use under theirs, and stay out of it where they can */
function notOwned(profilePath: string, folder: string, cause?: unknown): ProfileNotOwned {
  const owner = `${myUserId()}:${process.getgid?.()}`
  return new ProfileNotOwned(
    `The profile ${profilePath} belongs to another user. Correct it with: chown -R ${owner} ${folder}`,
    { cause },
  )
}

function myUserId(): number {
  return process.getuid?.() ?? 0
}
