import type { envelopeSchema } from '@wsg/shared/events/envelope.ts'
import { EventSourceParserStream } from 'eventsource-parser/stream'
import type { z } from 'zod'

export type EventEnvelope = z.output<typeof envelopeSchema>

/** The events of an answer of `GET /events`, as they come. */
export async function* readEvents(
  response: Response,
): AsyncGenerator<{ position: string; event: EventEnvelope }> {
  const decoded = (response.body as ReadableStream).pipeThrough(new TextDecoderStream() as never)
  const parsed = decoded.pipeThrough(new EventSourceParserStream() as never)
  for await (const { id = '', data } of parsed as unknown as AsyncIterable<{ id?: string; data: string }>)
    yield { position: id, event: JSON.parse(data) as EventEnvelope }
}
