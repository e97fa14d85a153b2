import { Compose } from './compose.ts'

/** Before the first test: every image as the compose file builds it, so that the tests are of the present sources. */
export async function setup(): Promise<void> {
  const compose = new Compose('wsg-build', ['docker-compose.yml'], { API_TOKEN: '' })
  for (const service of ['gateway', 'worker', 'converter', 'simulator']) {
    const began = performance.now()
    await compose.run('build', service)
    console.log(`image of ${service}: ${((performance.now() - began) / 1000).toFixed(1)} s`)
  }
}

if (import.meta.main) await setup()
