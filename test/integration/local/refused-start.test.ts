import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { startSupervisor } from '../../support/supervisor.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'refused-start-'))
})
afterEach(async () => await rm(folder, { recursive: true }))

/** What a start prints that is refused. */
async function refusal(environment: Record<string, string>): Promise<string> {
  const supervisor = await startSupervisor([], { PORT: '0', DATA_DIR: join(folder, 'data'), ...environment })
  await expect(supervisor.printed(/^Address: (\S+)$/m)).rejects.toThrow('it ended with 1')
  return supervisor.output
}

describe('a start that cannot be is refused in sentences, without a stack trace', () => {
  it.each([
    ['below a file', () => join(folder, 'file/deeper/data'), 'ENOTDIR'],
    ['where the system allows no folder', () => '/proc/data', 'ENOENT'],
  ])('where the data folder cannot be made: %s', async (_where, path, code) => {
    await writeFile(join(folder, 'file'), '')
    const output = await refusal({ DATA_DIR: path() })
    expect(output.trim().split('\n').slice(1)).toEqual([
      expect.stringMatching(
        `^The data folder ${path()} cannot be used: ${code}: .*\\. Set DATA_DIR to a folder that you may write to\\.$`,
      ),
    ])
  })

  it('where something in it cannot be used', async () => {
    const output = await refusal({ DATA_DIR: '/proc/self' })
    expect(output).toContain('The folder /proc/self cannot be locked.')
    expect(output).not.toMatch(/^\s+at /m)
  })

  it('where the port is taken', async () => {
    const server = createServer().listen(0, '127.0.0.1')
    await new Promise((resolve) => server.once('listening', resolve))
    const { port } = server.address() as { port: number }
    expect(await refusal({ PORT: String(port) })).toBe(
      `Port ${port} on 127.0.0.1 is in use. Stop what listens there, or set PORT.\n`,
    )
    server.close()
  })
})
