import { readdir, readFile } from 'node:fs/promises'

const PSS_LINE = /^Pss:\s+(\d+) kB$/m
const PRIVATE_LINE = /^RssAnon:\s+(\d+) kB$/m

/**
 * The memory of a process and of all below it, in whole MB: the proportional share (PSS), which counts a page that
 * three processes share as a third in each, so that a browser's processes add up to what they really take.
 * @returns null where there is no such process, or the kernel does not tell (not Linux)
 */
export async function processTreeMemoryMb(pid: number): Promise<number | null> {
  if ((await ownKb(pid)) === 0) return null
  return Math.round((await treeKb(pid)) / 1_024)
}

async function treeKb(pid: number): Promise<number> {
  const parts = await Promise.all([ownKb(pid), ...(await childrenOf(pid)).map(treeKb)])
  return parts.reduce((sum, kb) => sum + kb, 0)
}

/** Listed per thread, because any thread may have started them. A process that ended meanwhile has none. */
async function childrenOf(pid: number): Promise<number[]> {
  try {
    const threads = await readdir(`/proc/${pid}/task`)
    const lists = await Promise.all(
      threads.map((thread) => readFile(`/proc/${pid}/task/${thread}/children`, 'utf8').catch(() => '')),
    )
    return lists.flatMap((list) => list.split(' ').filter(Boolean).map(Number))
  } catch {
    return []
  }
}

/**
 * Without CAP_SYS_PTRACE the kernel does not show the PSS of another user's process, such as a browser that root started
 * as `nobody`. Of such a one what it has for itself counts, without its share of the rest.
 * @returns 0 for a process that has ended
 */
async function ownKb(pid: number): Promise<number> {
  return (await read(pid, 'smaps_rollup', PSS_LINE)) ?? (await read(pid, 'status', PRIVATE_LINE)) ?? 0
}

async function read(pid: number, file: string, line: RegExp): Promise<number | null> {
  const text = await readFile(`/proc/${pid}/${file}`, 'utf8').catch(() => '')
  const kb = line.exec(text)?.[1]
  return kb === undefined ? null : Number(kb)
}
