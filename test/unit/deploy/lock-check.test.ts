import { spawn } from 'node:child_process'
import { chmod, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { listProcesses } from '../../support/processes.ts'
import { pathOf } from './manifests.ts'

const SCRIPT = join(pathOf('lock-check'), 'lock-check.sh')

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lock-check-'))
})
afterEach(async () => {
  const left = listProcesses().filter(({ command }) => command.some((word) => word.includes(folder)))
  await rm(folder, { recursive: true })
  expect(left).toEqual([])
})

describe('the check of the locks on a shared volume', () => {
  it('passes where the volume excludes, and leaves nothing on it', async () => {
    const [holder, other] = await Promise.all([check({ number: 0 }), check({ number: 1 })])
    expect(holder).toEqual({ code: 0, output: expect.stringMatching(/PASS\n$/) })
    expect(other).toEqual({
      code: 0,
      output: expect.stringMatching(/refused.*\n.*killed holder.*\n.*PASS\n$/),
    })
    expect(await readdir(folder)).toEqual([])
  })

  it('fails where the file system grants a lock to everybody', async () => {
    const tools = await grantingFlock()
    const [holder, other] = await Promise.all([check({ number: 0 }), check({ number: 1, tools })])
    expect(other).toEqual({
      code: 1,
      output: expect.stringContaining('FAIL: got a lock that the other one holds'),
    })
    expect(holder).toEqual({ code: 1, output: expect.stringContaining('FAIL: the other one failed') })
  })

  it('fails where each has a volume of its own', async () => {
    const volumes = [join(folder, 'one'), join(folder, 'two')] as const
    await Promise.all(volumes.map((volume) => mkdir(volume)))
    const results = await Promise.all(
      volumes.map((volume, number) => check({ number, volume, waitSeconds: 1 })),
    )
    for (const result of results)
      expect(result).toEqual({ code: 1, output: expect.stringContaining('this is not one volume') })
  })

  it('fails where both run on one node, since that proves nothing about two', async () => {
    const node = 'the-only-node'
    const results = await Promise.all([0, 1].map((number) => check({ number, node })))
    expect(results[1]?.output).toContain('FAIL: both run on the-only-node')
    expect(results.map(({ code }) => code)).toEqual([1, 1])
  })

  it('fails alone', async () => {
    expect(await check({ number: 1, waitSeconds: 1 })).toEqual({
      code: 1,
      output: expect.stringContaining('FAIL'),
    })
  })
})

interface Check {
  number: number
  volume?: string
  node?: string
  waitSeconds?: number
  tools?: string
}

function check({ number, volume = folder, node = `node-${number}`, waitSeconds = 8, tools }: Check) {
  const child = spawn('sh', [SCRIPT], {
    env: {
      PATH: [tools, process.env.PATH].filter(Boolean).join(':'),
      VOLUME: volume,
      RUN: 'run',
      NODE_NAME: node,
      JOB_COMPLETION_INDEX: String(number),
      WAIT_SECONDS: String(waitSeconds),
    },
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  let output = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text
  })
  return new Promise<{ code: number | null; output: string }>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code) => resolve({ code, output }))
  })
}

/** A `flock` that does what a file system without locks between nodes does: everybody gets the lock. */
async function grantingFlock(): Promise<string> {
  const tools = join(folder, 'tools')
  await mkdir(tools)
  const script =
    '#!/bin/sh\nwhile :; do case $1 in --conflict-exit-code) shift 2 ;; --*) shift ;; *) break ;; esac; done\nshift\nexec "$@"\n'
  await writeFile(join(tools, 'flock'), script)
  await chmod(join(tools, 'flock'), 0o755)
  return tools
}
