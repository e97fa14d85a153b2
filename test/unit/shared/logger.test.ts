import { createLogger } from '@wsg/shared/logger.ts'
import { describe, expect, it } from 'vitest'

function logged(write: (logger: ReturnType<typeof createLogger>) => void): string {
  const lines: string[] = []
  write(createLogger('test', 'trace', { write: (line: string) => void lines.push(line) }))
  return lines.join('')
}

describe('createLogger', () => {
  it('removes the arguments of a command that Redis refused', () => {
    const refused = Object.assign(new Error('OOM command not allowed'), {
      command: { name: 'evalsha', args: ['qr', 'the code itself', 'phone', '5511999887766'] },
    })
    const line = logged((logger) => logger.warn({ err: refused }, 'refused'))
    expect(line).toContain('OOM command not allowed')
    expect(line).toContain('evalsha')
    expect(line).not.toMatch(/the code itself|5511999887766/)
  })

  it.for(['err', 'cause'])(
    'removes them from an error under the name %s, and tells the rest of it',
    (name) => {
      const command = { name: 'evalsha', args: ['SECRET'] }
      const refused = Object.assign(new Error('refused'), { command, previousErrors: ['SECRET'] })
      const line = JSON.parse(logged((logger) => logger.warn({ [name]: refused }, 'x')))
      expect(line[name]).toMatchObject({
        type: 'Error',
        message: 'refused',
        stack: expect.any(String),
        command: { name: 'evalsha' },
      })
      expect(JSON.stringify(line)).not.toContain('SECRET')
    },
  )

  it('removes what must never be logged, at any depth, should it slip through', () => {
    const secrets = { qr: 'SECRET', phone: 'SECRET', token: 'SECRET', text: 'SECRET' }
    const below = { ...secrets, to: 'SECRET' }
    const line = logged((logger) => logger.info({ ...secrets, below, list: [{ further: below }] }, 'x'))
    expect(line).toContain('"qr":"[removed]"')
    expect(line).not.toContain('SECRET')
  })

  it('writes a line for what refers to itself', () => {
    const round: Record<string, unknown> = { code: 7 }
    round.itself = round
    expect(JSON.parse(logged((logger) => logger.info({ round }, 'x')))).toMatchObject({ round: { code: 7 } })
  })

  it('keeps the states between which something moved', () => {
    const line = logged((logger) => logger.info({ from: 'ready', to: 'stopped' }, 'session'))
    expect(JSON.parse(line)).toMatchObject({ from: 'ready', to: 'stopped' })
  })
})
