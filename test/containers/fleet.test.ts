import { afterAll, beforeAll, expect, it } from 'vitest'
import { waitFor } from '../support/wait-for.ts'
import { ContainerFleet } from './container-fleet.ts'
import { inspect, shell } from './docker.ts'

const SESSIONS = { sales: '491700000001', support: '491700000002', billing: '491700000003' }
const TO = '5511999887766'

let fleet: ContainerFleet
beforeAll(async () => {
  fleet = await ContainerFleet.start()
})
afterAll(() => fleet?.close())

it('pairs three sessions, each in a worker of its own, and sends exactly what was accepted', async () => {
  await Promise.all(Object.entries(SESSIONS).map(([session, phone]) => fleet.pair(session, phone)))
  const owners = await Promise.all(Object.keys(SESSIONS).map((session) => fleet.workerOf(session)))
  expect(new Set(owners).size).toBe(3)
  for (const [session, phone] of Object.entries(SESSIONS)) {
    const texts = Array.from({ length: 5 }, (_, n) => `${session} ${n}`)
    for (const [n, text] of texts.entries()) {
      const answer = await (fleet.gateways[n % 2] ?? fleet.api).send(session, TO, text)
      expect(answer.status, answer.text).toBe(200)
    }
    const wire = await fleet.simulator.messages(phone, TO)
    expect(wire.map(({ body, copies }) => `${body} × ${copies}`)).toEqual(texts.map((text) => `${text} × 1`))
  }
})

it('runs Chromium inside its own sandbox, in a container without capabilities', async () => {
  const worker = await fleet.workerOf('sales')
  const commands = await shell(worker, 'cat /proc/[0-9]*/cmdline | tr "\\0" " "')
  expect(commands).toContain('chromium-headless-shell')
  expect(commands).not.toContain('--no-sandbox')
  // A page runs in a process namespace below the container's, under filters of Chromium besides Docker's. The pattern does
  // not find the shell that bears it.
  const page = await shell(
    worker,
    'for p in /proc/[0-9]*; do grep -q -e --type=rendere[r] $p/cmdline && cat $p/status; done; true',
  )
  expect(page).toMatch(/^NSpid:\s+\d+\s+\d+/m)
  expect(Number(/^Seccomp_filters:\s+(\d+)/m.exec(page)?.[1])).toBeGreaterThan(1)
  expect(page).toMatch(/^CapEff:\s+0+$/m)
})

it('comes up healthy, as non-root on read-only disks, with nothing but the gateways published', async () => {
  const services = { gateway: 2, worker: 3, redis: 1 }
  for (const [service, count] of Object.entries(services)) {
    const containers = await fleet.compose.containers(service)
    expect(containers).toHaveLength(count)
    for (const container of containers) {
      await waitFor(
        `${service} to be healthy`,
        async () => (await inspect(container)).State.Health?.Status === 'healthy',
        { timeoutMs: 60_000, everyMs: 500 },
      )
      const { HostConfig, NetworkSettings, RestartCount } = await inspect(container)
      expect(RestartCount).toBe(0)
      expect(HostConfig.ReadonlyRootfs).toBe(true)
      expect(HostConfig.CapDrop).toEqual(['ALL'])
      const published = Object.values(NetworkSettings.Ports).flatMap((bindings) => bindings ?? [])
      if (service === 'gateway') expect(published.map(({ HostIp }) => HostIp)).toEqual(['127.0.0.1'])
      else expect(published).toEqual([])
      if (service === 'worker') expect(HostConfig).toMatchObject({ Memory: 536870912, MemorySwap: 536870912 })
      // The first process may be an init; what it became, or runs, may be nobody with power.
      const users = await shell(container, 'grep -h ^Uid: /proc/1/status')
      expect(users).not.toMatch(/\s0\s/)
    }
  }
})

it('keeps the password of Redis in a file that is on no command line', async () => {
  const [redis = ''] = await fleet.compose.containers('redis')
  await expect(shell(redis, 'redis-cli ping')).resolves.toContain('NOAUTH')
  const password = await shell(redis, 'cat /run/redis-password/password')
  expect(password).toMatch(/^[0-9a-f]{64}$/)
  for (const service of ['redis', 'gateway', 'worker']) {
    const [container = ''] = await fleet.compose.containers(service)
    const { Config } = JSON.parse(JSON.stringify(await inspect(container)))
    expect(JSON.stringify(Config)).not.toContain(password)
    expect(await shell(container, 'cat /proc/[0-9]*/cmdline | tr "\\0" " "')).not.toContain(password)
  }
})

it('prints what one idle ready session takes', async () => {
  const worker = await fleet.workerOf('support')
  const memoryMb = await waitFor('a session that takes what it does at rest', async () => {
    const { body } = await fleet.api.get('/status', 'support')
    if (Number(body.memoryMb) < 350) return body.memoryMb
    throw new Error(`it takes ${body.memoryMb} MB`)
  })
  const used = await shell(
    worker,
    'cat /sys/fs/cgroup/memory/memory.usage_in_bytes /sys/fs/cgroup/memory.current 2> /dev/null; true',
  )
  console.log(
    `one idle ready session: ${memoryMb} MB PSS, ${Math.round(Number(used) / 1e6)} MB for its container`,
  )
})
