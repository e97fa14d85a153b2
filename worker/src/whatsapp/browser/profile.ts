import { lstatSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { ForeignWorld, ProfileNotOwned } from '../client-errors.ts'

export type World = 'real' | 'sandbox'

const MARK = '.world'

/**
 * Makes sure that a profile folder is there, is ours, and is of this world, before any browser sees it. A folder
 * with content and without a mark comes from an earlier service and is real.
 * @throws ProfileNotOwned, ForeignWorld
 */
export function prepareProfile(profilePath: string, lockPath: string, world: World): void {
  try {
    for (const folder of [profilePath, dirname(lockPath)]) mkdirSync(folder, { recursive: true, mode: 0o700 })
    const entries = readdirSync(profilePath)
    refuseForeignOwner(profilePath, entries)
    const marked = readMark(profilePath) ?? (entries.length > 0 ? 'real' : world)
    if (marked !== world)
      throw new ForeignWorld(
        `The profile ${profilePath} is of the ${marked} world and not opened in the ${world} one.`,
      )
    writeFileSync(join(profilePath, MARK), world)
  } catch (error) {
    throw isRefused(error) ? notOwned(profilePath, error) : error
  }
}

function refuseForeignOwner(profilePath: string, entries: string[]): void {
  const me = process.getuid?.()
  if (me === undefined) return
  const foreign = [profilePath, ...entries.map((entry) => join(profilePath, entry))].find(
    (path) => ownerOf(path) !== me,
  )
  if (foreign) throw notOwned(profilePath)
}

/** The owner's user id; ours where it vanished meanwhile. */
function ownerOf(path: string): number | undefined {
  return lstatSync(path, { throwIfNoEntry: false })?.uid ?? process.getuid?.()
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

function notOwned(profilePath: string, cause?: unknown): ProfileNotOwned {
  const owner = `${process.getuid?.()}:${process.getgid?.()}`
  return new ProfileNotOwned(
    `The profile ${profilePath} belongs to another user. Correct it with: chown -R ${owner} ${dirname(profilePath)}`,
    { cause },
  )
}
