import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { converterConfigSchema } from '@wsg/converter/src/config.ts'
import { gatewayConfig } from '@wsg/gateway/src/config.ts'
import { workerConfigSchema } from '@wsg/worker/src/worker-config.ts'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'

/** What the images, the compose file or the engine settle; the rest is the operator's. */
const SETTLED =
  /^(REDIS_.*|DATA_DIR|HOST|PORT|PUPPETEER_EXECUTABLE_PATH|LIVENESS_FILE|MEMORY_LIMIT_MB|SIMULATOR_URL|WORLD)$/

interface Service {
  environment?: Record<string, string | null>
  mem_limit?: string
  memswap_limit?: string
  pids_limit?: number
  logging?: { driver: string; options: Record<string, string> }
}

const file = readFileSync(join(import.meta.dirname, '../../docker-compose.yml'), 'utf8')
const { services } = parse(file, { merge: true }) as {
  services: Record<string, Service>
}

describe.each([
  ['gateway', gatewayConfig.shape],
  ['worker', workerConfigSchema.shape],
  ['converter', converterConfigSchema.shape],
])('docker-compose.yml', (service, shape) => {
  it(`passes on every variable that is the operator's to the ${service}, and none that it does not know`, () => {
    const passedOn = Object.keys(services[service]?.environment ?? {}).filter(
      (name) => !name.endsWith('_FILE'),
    )
    const read = Object.keys(shape)
    expect(passedOn.filter((name) => !read.includes(name))).toEqual([])
    expect(read.filter((name) => !SETTLED.test(name) && !passedOn.includes(name))).toEqual([])
  })
})

it.each(Object.entries(services))(
  '%s can fill neither memory, process table nor disk of its host',
  (_name, service) => {
    expect(service.mem_limit).toBeDefined()
    expect(service.memswap_limit).toBe(service.mem_limit)
    expect(service.pids_limit).toBeGreaterThan(0)
    expect(service.logging?.options).toEqual({ 'max-size': '10m', 'max-file': '3' })
  },
)
