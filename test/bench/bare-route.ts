/**
 * The baseline of accepting: a bare Fastify route that does one BullMQ add, and nothing of what makes a message safe to
 * repeat, to list, to cancel or to find. Says `{port}` over its channel, and ends when that is closed.
 */
import type { AddressInfo } from 'node:net'
import { Queue } from 'bullmq'
import Fastify from 'fastify'
import { Redis } from 'ioredis'

const { REDIS_URL = '' } = process.env
const queue = new Queue('bare', { connection: new Redis(REDIS_URL), prefix: 'bench' })
const app = Fastify({ logger: false })

app.post('/send', async (request, reply) => {
  const job = await queue.add('send', request.body)
  return reply.code(202).send({ success: true, id: job.id })
})

await app.listen({ host: '127.0.0.1', port: 0 })
process.send?.({ port: (app.server.address() as AddressInfo).port })
process.once('disconnect', () => process.exit())
