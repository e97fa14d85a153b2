import { expose } from '@wsg/gateway/src/metrics/exposition.ts'
import { expect, it } from 'vitest'

it("writes Prometheus' text format", () => {
  const text = expose({
    wsg_workers: [{ value: 3 }],
    wsg_sessions: [
      { labels: { state: 'ready', reason: 'connected' }, value: 2 },
      { labels: { state: 'failed', reason: 'logged_out' }, value: 1 },
    ],
  })
  expect(text).toBe(
    [
      '# HELP wsg_workers Workers that live.',
      '# TYPE wsg_workers gauge',
      'wsg_workers 3',
      '',
      '# HELP wsg_sessions Known sessions by the state and the reason that a caller is shown.',
      '# TYPE wsg_sessions gauge',
      'wsg_sessions{state="ready",reason="connected"} 2',
      'wsg_sessions{state="failed",reason="logged_out"} 1',
      '',
    ].join('\n'),
  )
})

it('escapes what would end a label or a line', () => {
  const text = expose({ wsg_worker_memory_bytes: [{ labels: { worker: 'a"b\\c\nd' }, value: 1 }] })
  expect(text).toContain('wsg_worker_memory_bytes{worker="a\\"b\\\\c\\nd"} 1')
})
