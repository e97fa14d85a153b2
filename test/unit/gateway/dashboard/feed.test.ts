import { tellStream } from '@wsg/gateway/src/dashboard/page/pages/session/feed.ts'
import { expect, it } from 'vitest'

it('says that what happens while the stream is lost follows only where an event came, behind which it goes on', () => {
  expect(tellStream('connecting', 'nothing')).toBe('Connecting to the events …')
  expect(tellStream('connecting', 'event')).toMatch(/What happens meanwhile follows/)
  expect(tellStream('connecting', 'connection')).toMatch(/is not shown here/)
  expect(tellStream('live', 'event')).toBe('Events come as they happen')
})
