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

  it('removes what must never be logged, should it slip through', () => {
    const secrets = { qr: 'SECRET', phone: 'SECRET', token: 'SECRET', text: 'SECRET' }
    expect(
      logged((logger) => logger.info({ ...secrets, nested: { ...secrets, to: 'SECRET' } }, 'x')),
    ).not.toContain('SECRET')
  })
})
