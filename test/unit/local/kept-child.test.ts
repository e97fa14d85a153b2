import { spawn } from 'node:child_process'
import { expect, test } from 'vitest'
import type { ChildLedger } from '../../../local/child-ledger.ts'
import { KeptChild } from '../../../local/kept-child.ts'
import { StartFailure } from '../../../local/running-parts.ts'

test.each([
  [
    'ends',
    '0',
    () => new Promise(() => {}),
    /^The program ended with code 0 before it was up\. See its log\.$/,
  ],
  [
    'is silent',
    '60',
    () => Promise.reject(new StartFailure('It is silent.')),
    /^It is silent\. See its log\.$/,
  ],
])('says where to look when a program %s instead of coming up', async (_how, seconds, becomesReady, said) => {
  const started = KeptChild.start({
    name: 'The program',
    role: 'redis',
    start: () => spawn('sleep', [seconds]),
    becomesReady,
    stopLimitMs: 1_000,
    hint: 'See its log.',
    ledger: { keep: () => undefined } as unknown as ChildLedger,
    note: () => undefined,
  })
  await expect(started).rejects.toThrow(said)
})
