import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { GatewayClient, GatewayProblem, Unreachable } from '@wsg/cli/src/gateway-client.ts'
import { expect, it } from 'vitest'

it('takes a gateway for a sandbox only by its own word, and one that cannot answer for neither', async () => {
  let answer = { status: 200, body: '{"hasSimulatedPhones":true}' }
  const server = createServer((_request, response) => void response.writeHead(answer.status).end(answer.body))
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const { port } = server.address() as AddressInfo
  const gateway = new GatewayClient({ url: `http://127.0.0.1:${port}`, token: 'secret' })
  expect(await gateway.hasSimulatedPhones()).toBe(true)
  for (answer of [
    { status: 200, body: '{"hasSimulatedPhones":false}' },
    { status: 404, body: '{}' },
    { status: 200, body: '<p>The page of a proxy' },
  ])
    expect(await gateway.hasSimulatedPhones()).toBe(false)
  answer = { status: 503, body: '{}' }
  await expect(gateway.hasSimulatedPhones()).rejects.toThrow(GatewayProblem)
  server.closeAllConnections()
  server.close()
  await once(server, 'close')
  await expect(gateway.hasSimulatedPhones()).rejects.toThrow(Unreachable)
})
