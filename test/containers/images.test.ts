import { GenericContainer, type StartedTestContainer, Wait } from 'testcontainers'
import { afterEach, describe, expect, it } from 'vitest'
import { silence } from '../support/sample-files.ts'
import { waitFor } from '../support/wait-for.ts'
import { Compose } from './compose.ts'
import { docker } from './docker.ts'

const MEGABYTE = 1_000_000
/** What they measure here (407, 776 and 846 MB, 380 of them the base image) and a tenth. */
const IMAGES = [
  { image: 'whatsapp-session-gateway', maxMb: 450, foreign: ['whatsapp-web.js', 'puppeteer', '@wsg/worker'] },
  { image: 'whatsapp-session-worker', maxMb: 855, foreign: ['fastify', '@wsg/gateway'] },
  { image: 'whatsapp-session-converter', maxMb: 930, foreign: ['fastify', 'puppeteer', '@wsg/gateway'] },
]
const NOT_FOR_PRODUCTION = [
  'node',
  'typescript',
  'vitest',
  '@biomejs',
  'testcontainers',
  'knip',
  'selfsigned',
]

const started: StartedTestContainer[] = []
async function start(container: GenericContainer): Promise<StartedTestContainer> {
  // Not for its health, which some of these never have.
  started.push(await container.withWaitStrategy(Wait.forSuccessfulCommand('true')).start())
  return started.at(-1) as StartedTestContainer
}
afterEach(async () => {
  for (const container of started.splice(0)) await container.stop({ remove: true, timeout: 2_000 })
})

describe.each(IMAGES)('$image', ({ image, maxMb, foreign }) => {
  it('is small, runs as nobody special and has a health check', async () => {
    const [facts] = JSON.parse(await docker('image', 'inspect', image)) as [
      { Size: number; Config: { User: string; Healthcheck?: { Test: string[] }; Entrypoint: string[] } },
    ]
    console.log(`${image}: ${Math.round(facts.Size / MEGABYTE)} MB`)
    expect(facts.Size / MEGABYTE).toBeLessThan(maxMb)
    expect(facts.Config.User).toBe('node')
    expect(facts.Config.Healthcheck?.Test.length).toBeGreaterThan(1)
    expect(facts.Config.Entrypoint).toEqual(['tini', '--'])
  })

  it('holds no tests, no simulator, no second Node, no certificate of the build and no package of development', async () => {
    const sleeping = new GenericContainer(image).withEntrypoint(['sleep']).withCommand(['infinity'])
    const container = await start(sleeping)
    const run = async (line: string) => {
      const { exitCode, output } = await container.exec(['sh', '-c', line], { user: 'root' })
      expect(exitCode, output).toBe(0)
      return output.trim()
    }
    const programs = await run('find / -xdev \\( -name node -o -name nodejs \\) -type f -perm -u+x')
    expect(programs).toBe('/usr/local/bin/node')
    expect(await run('ls /app')).not.toMatch(/^(test|local|doctor|deploy)$/m)
    expect(
      await run('find /app -name "*.test.ts" -not -path "*/node_modules/*"; find / -xdev -name "extra-ca*"'),
    ).toBe('')
    const folders = [...NOT_FOR_PRODUCTION, ...foreign].map((name) => `/app/node_modules/${name}`)
    expect(await run(`ls -d ${folders.join(' ')} 2> /dev/null; true`)).toBe('')
  })
})

it('a worker is alive while its event loop runs, whatever becomes of Redis, and not when it hangs', async () => {
  const container = await start(
    new GenericContainer('whatsapp-session-worker').withEnvironment({ REDIS_URL: 'redis://127.0.0.1:1' }),
  )
  const [image] = JSON.parse(await docker('image', 'inspect', 'whatsapp-session-worker')) as [
    { Config: { Healthcheck: { Test: string[] } } },
  ]
  const [, ...check] = image.Config.Healthcheck.Test
  const isAlive = async () => (await container.exec(check)).exitCode === 0
  const signal = (name: string) =>
    container.exec([
      'sh',
      '-c',
      `for p in /proc/[0-9]*; do grep -q ^node $p/cmdline && kill -${name} $(basename $p); done; true`,
    ])
  await waitFor('the first sign of life', isAlive)
  await signal('STOP')
  await container.exec(['touch', '-d', '40 seconds ago', '/tmp/alive'])
  expect(await isAlive()).toBe(false)
  await signal('CONT')
  await waitFor('the next sign of life', isAlive)
})

it('the converter makes voice of a sound without a network and without rights', async () => {
  const container = await start(
    new GenericContainer('whatsapp-session-converter')
      .withNetworkMode('none')
      .withSecurityOpt('no-new-privileges:true')
      .withDroppedCapabilities('ALL'),
  )
  const ask = `const body = Buffer.from('${silence(1).toString('base64')}', 'base64')
    const headers = { 'content-type': 'audio/wav' }
    fetch('http://127.0.0.1:3100/convert?for=voice', { method: 'POST', body, headers }).then(async (answer) => {
      const bytes = Buffer.from(await answer.arrayBuffer())
      console.log(answer.status, JSON.parse(answer.headers.get('x-sound')).seconds, bytes.toString('latin1', 0, 4))
    })`
  const answered = await waitFor('the converter', async () => {
    const { exitCode, output } = await container.exec(['node', '-e', ask])
    return exitCode === 0 && output
  })
  expect(answered.trim()).toBe('200 1 OggS')
})

describe('docker-compose.yml', () => {
  const config = (environment: Record<string, string>) =>
    new Compose('wsg-config', ['docker-compose.yml'], environment).run('config')

  it('says what to do where there is no token', async () => {
    await expect(config({})).rejects.toThrow(/API_TOKEN must be set, in the environment or in \.env/)
    await expect(config({ API_TOKEN: 'given' })).resolves.toContain('API_TOKEN: given')
  })

  it('starts no Redis whose container is too small for what it may hold', async () => {
    const given = { API_TOKEN: 'given', REDIS_MAXMEMORY: '1gb', REDIS_MEM_LIMIT: '1g' }
    const compose = new Compose('wsg-small-redis', ['docker-compose.yml'], given)
    try {
      await expect(compose.run('run', '--rm', '-T', 'redis')).rejects.toThrow(
        'REDIS_MAXMEMORY is 1gb, and this container may take 1073741824 bytes. Set REDIS_MEM_LIMIT to twice',
      )
    } finally {
      await compose.remove()
    }
  })
})
