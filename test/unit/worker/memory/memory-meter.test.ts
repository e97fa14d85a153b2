import { cgroupKills, cgroupLimitMb } from '@wsg/worker/src/memory/cgroup-memory.ts'
import { measureAgainAfterMs, memoryLimitMb, openMemoryMeter } from '@wsg/worker/src/memory/memory-meter.ts'
import { describe, expect, it } from 'vitest'

const holding = (files: Record<string, string>) => ({ read: (path: string) => files[path] ?? null })
const V2 = '/sys/fs/cgroup/memory.max'
const V1 = '/sys/fs/cgroup/memory/memory.limit_in_bytes'

describe('the limit', () => {
  it.each([
    [{ [V2]: '536870912\n' }, 512],
    [{ [V2]: 'max\n' }, null],
    [{ [V1]: '536870912\n' }, 512],
    [{ [V1]: '9223372036854771712\n' }, null],
    [{}, null],
  ])('of the control group in %j is %j MB', (files, mb) => {
    expect(cgroupLimitMb(holding(files))).toBe(mb)
  })

  it('is what is configured, then what the kernel keeps, and 0 means none', () => {
    expect(memoryLimitMb(300, () => 512)).toBe(300)
    expect(memoryLimitMb(undefined, () => 512)).toBe(512)
    expect(memoryLimitMb(0, () => 512)).toBeNull()
    expect(memoryLimitMb(undefined, () => null)).toBeNull()
  })
})

describe('the kernel', () => {
  it.each([
    [{ '/sys/fs/cgroup/memory.events': 'low 0\nhigh 0\nmax 9\noom 3\noom_kill 2\noom_group_kill 0\n' }, 2],
    [{ '/sys/fs/cgroup/memory/memory.oom_control': 'oom_kill_disable 0\nunder_oom 0\noom_kill 7\n' }, 7],
    [{}, 0],
  ])('tells of its kills in %j', (files, kills) => {
    expect(cgroupKills(holding(files))).toBe(kills)
  })

  it('is not blamed for a crash because of a kill before this process began', () => {
    let kills = 3
    const meter = openMemoryMeter(512, () => kills)
    expect(meter.killedByKernel()).toBe(false)
    kills = 4
    expect(meter.killedByKernel()).toBe(true)
  })
})

describe('measureAgainAfterMs', () => {
  it('looks again before a page that grows by 10 MB a second could need a new browser', () => {
    expect(measureAgainAfterMs(340, 512)).toBeCloseTo(6_960)
    expect(measureAgainAfterMs(500, 512)).toBe(2_000)
    expect(measureAgainAfterMs(100, 512)).toBe(10_000)
    expect(measureAgainAfterMs(100, null)).toBe(10_000)
    expect(measureAgainAfterMs(null, 512)).toBe(10_000)
  })
})
