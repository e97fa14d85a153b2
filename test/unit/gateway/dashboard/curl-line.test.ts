import { execFileSync } from 'node:child_process'
import { curlLine } from '@wsg/gateway/src/dashboard/page/api/curl-line.ts'
import { expect, it } from 'vitest'

/** The words that a shell gives to curl. */
function wordsOf(line: string): string[] {
  const printed = line.replace(/^curl/, "printf '%s\\0'")
  return execFileSync('sh', ['-c', printed], { encoding: 'utf8', env: { TOKEN: 'the-token' } })
    .split('\0')
    .slice(0, -1)
}

it('is one request in a shell, whatever the message holds', () => {
  const body = { to: '5511999887766', message: 'It\'s "done" for $5 `now` \\ \n!' }
  const words = wordsOf(curlLine({ method: 'POST', url: 'http://here/send', session: 'shop', body }))
  expect(words).toEqual([
    'http://here/send',
    '-H',
    'Authorization: Bearer the-token',
    '-H',
    'X-Session-Id: shop',
    '-H',
    'Content-Type: application/json',
    '-d',
    JSON.stringify(body),
  ])
})

it('names the method that curl would not take by itself', () => {
  const url = 'http://here/queue/pause'
  expect(wordsOf(curlLine({ method: 'POST', url }))).toContain('POST')
  expect(wordsOf(curlLine({ method: 'DELETE', url }))).toContain('DELETE')
  expect(wordsOf(curlLine({ method: 'GET', url }))).not.toContain('-X')
})

it('sends a file as a form', () => {
  const form = { to: '5511999887766', file: "@it's a photo.jpg" }
  const words = wordsOf(curlLine({ method: 'POST', url: 'http://here/send', form }))
  expect(words.slice(-4)).toEqual(['-F', 'to=5511999887766', '-F', "file=@it's a photo.jpg"])
  expect(words).not.toContain('-X')
})
