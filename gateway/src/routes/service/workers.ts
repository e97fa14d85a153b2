import { pageQuery, pageSchema } from '@wsg/shared/paging.ts'
import { readSnapshot } from '@wsg/shared/redis/session/snapshot.ts'
import { type KnownWorker, listWorkers } from '@wsg/shared/redis/worker/workers.ts'
import { fromEngineFields } from '@wsg/shared/sessions/engine.ts'
import { sessionStatuses } from '@wsg/shared/sessions/session-lifecycle.ts'
import { viewSession } from '@wsg/shared/sessions/session-view.ts'
import { z } from 'zod'
import { assertForAll } from '../../access/grant.ts'
import type { GatewayApp } from '../../gateway-app.ts'
import type { GatewayParts } from '../../gateway-parts.ts'
import { problemResponses } from '../../http/problem.ts'

const workerSchema = z.object({
  id: z.string(),
  host: z.string().optional(),
  version: z.string().optional().describe('Of this product.'),
  startedAt: z.iso.datetime().optional(),
  session: z
    .object({
      id: z.string(),
      status: z.enum(sessionStatuses),
      library: z.string().optional(),
      page: z.string().optional().describe("WhatsApp Web's own version."),
    })
    .nullable()
    .describe('The session that it owns, null while it is free.'),
  memoryMb: z.number().nullable().describe('What it and its browser take; null before it was measured.'),
  memoryLimitMb: z.number().nullable().describe('Null for no limit.'),
})
export type WorkerAnswer = z.input<typeof workerSchema>

export function workersRoute(app: GatewayApp, { redis }: GatewayParts): void {
  app.route({
    method: 'GET',
    url: '/workers',
    config: { access: 'operator' },
    schema: {
      operationId: 'worker.list',
      summary: 'The workers that live, by name: what each of them does, and what memory it takes',
      querystring: z.object(pageQuery(/^[\x21-\x7e]{1,300}$/)),
      response: { 200: pageSchema(workerSchema), ...problemResponses },
    },
    handler: async ({ grant, query: { limit, cursor = null } }) => {
      assertForAll(grant)
      const workers = await listWorkers(redis, { after: cursor, limit: limit + 1 })
      const shown = workers.slice(0, limit)
      return {
        items: await Promise.all(shown.map(async (worker) => toAnswer(worker, await sessionOf(worker)))),
        nextCursor: workers.length > limit ? (shown.at(-1)?.workerId ?? null) : null,
      }
    },
  })

  async function sessionOf({ details }: KnownWorker): Promise<WorkerAnswer['session']> {
    const id = details?.sessionId ?? null
    if (id === null) return null
    const snapshot = await readSnapshot(redis, id)
    const engine = fromEngineFields(snapshot.fields)
    return {
      id,
      status: viewSession(snapshot).status,
      ...(engine !== null && { library: engine.library, page: engine.page }),
    }
  }
}

/** One of an older version says nothing of itself but that it lives. */
function toAnswer(
  { workerId, memoryMb, details }: KnownWorker,
  session: WorkerAnswer['session'],
): WorkerAnswer {
  return {
    id: workerId,
    ...(details !== null && {
      host: details.host,
      version: details.version,
      startedAt: new Date(details.startedAt).toISOString(),
    }),
    session,
    memoryMb,
    memoryLimitMb: details?.memoryLimitMb ?? null,
  }
}
