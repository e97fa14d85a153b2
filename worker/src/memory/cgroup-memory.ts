import { readFileSync } from 'node:fs'

/** Where the kernel tells about this process' control group. In a container the group is the root of what is mounted. */
export interface CgroupFiles {
  /** Text of a file; null where there is none. */
  read(path: string): string | null
}

const systemFiles: CgroupFiles = {
  read(path) {
    try {
      return readFileSync(path, 'utf8')
    } catch {
      return null
    }
  },
}

const MB = 1_048_576
/** cgroup v1 has no word for 'no limit': it says the largest number of whole pages. Nothing real is near it. */
const HUGE_BYTES = 2 ** 60

/** The memory limit that the kernel keeps this process under, in MB; null where there is none. */
export function cgroupLimitMb(files: CgroupFiles = systemFiles): number | null {
  const text =
    files.read('/sys/fs/cgroup/memory.max') ??
    files.read('/sys/fs/cgroup/memory/memory.limit_in_bytes') ??
    'max'
  const bytes = Number(text)
  return Number.isFinite(bytes) && bytes > 0 && bytes < HUGE_BYTES ? Math.floor(bytes / MB) : null
}

/** How many processes of the group the kernel has killed because the group was out of memory; 0 where it does not tell. */
export function cgroupKills(files: CgroupFiles = systemFiles): number {
  const text =
    files.read('/sys/fs/cgroup/memory.events') ?? files.read('/sys/fs/cgroup/memory/memory.oom_control') ?? ''
  return Number(/^oom_kill (\d+)$/m.exec(text)?.[1] ?? 0)
}
