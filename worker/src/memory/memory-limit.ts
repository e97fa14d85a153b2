import { cgroupLimitMb } from './cgroup-memory.ts'

/**
 * The memory that a worker and its browser may take together, in MB; null for no limit. What is configured counts, 0
 * meaning none; where nothing is, the kernel's limit of this container does.
 */
export function memoryLimitMb(
  configuredMb: number | undefined,
  kernelLimitMb: () => number | null = cgroupLimitMb,
): number | null {
  if (configuredMb === undefined) return kernelLimitMb()
  return configuredMb === 0 ? null : configuredMb
}
