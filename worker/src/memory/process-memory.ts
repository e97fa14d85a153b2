import { readdir, readFile } from 'node:fs/promises'

const PSS_LINE = /^Pss:\s+(\d+) kB$/m

/**
 * The memory of a process and of all below it, in whole MB: the proportional share (PSS), which counts a page that
 * three processes share as a third in each, so that a browser's processes add up to what they really take.
 * @returns null where the kernel does not tell (not Linux, or no permission)
 */
export async function processTreeMemoryMb(pid: number): Promise<number | null> {
  const own = await pssKb(pid)
  if (own === null) return null
  const below = await Promise.all((await childrenOf(pid)).map(treeKb))
  return Math.round((own + below.reduce((sum, kb) => sum + kb, 0)) / 1_024)
}

async function treeKb(pid: number): Promise<number> {
  const below = await Promise.all((await childrenOf(pid)).map(treeKb))
  return ((await pssKb(pid)) ?? 0) + below.reduce((sum, kb) => sum + kb, 0)
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

async function pssKb(pid: number): Promise<number | null> {
  try {
    const kb = PSS_LINE.exec(await readFile(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1]
    return kb === undefined ? null : Number(kb)
  } catch {
    return null
  }
}
