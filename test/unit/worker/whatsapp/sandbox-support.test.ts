import { whyNoSandbox } from '@wsg/worker/src/whatsapp/browser/sandbox-support.ts'
import { expect, it } from 'vitest'

const ROOT = 0

it('says why Chromium runs without its sandbox, and starts none where the sandbox is demanded', () => {
  expect(whyNoSandbox('auto', '/missing/chromium', ROOT)).toBe('root')
  expect(whyNoSandbox('off', '/missing/chromium', ROOT)).toBe('switched_off')
  expect(() => whyNoSandbox('on', '/missing/chromium', ROOT)).toThrow(/CHROMIUM_SANDBOX is on/)
})
