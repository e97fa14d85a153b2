interface ReadEvent {
  /** The `id` line. */
  id: string
  /** The `event` line. */
  name: string
  // biome-ignore lint/suspicious/noExplicitAny: each test says what it expects of an event
  event: any
}

/** Reads `GET /events` as a client of server-sent events does, but does not connect again. */
export class EventReader {
  readonly events: ReadEvent[] = []
  /** Why the gateway ended the stream, null where it did not say. */
  endReason: string | null = null
  readonly ended: Promise<void>
  readonly #abort: AbortController

  private constructor(body: ReadableStream<Uint8Array>, abort: AbortController) {
    this.#abort = abort
    this.ended = this.#read(body).catch(() => {})
  }

  /** @throws where the gateway refuses it */
  static async open(
    address: string,
    token: string,
    { session, after, query = '' }: { session?: string; after?: string; query?: string } = {},
  ): Promise<EventReader> {
    const abort = new AbortController()
    const response = await fetch(`${address}/events${query}`, {
      signal: abort.signal,
      headers: {
        authorization: `Bearer ${token}`,
        ...(session !== undefined && { 'x-session-id': session }),
        ...(after !== undefined && { 'last-event-id': after }),
      },
    })
    if (response.status !== 200 || response.body === null)
      throw new Error(`refused: ${response.status} ${await response.text()}`)
    return new EventReader(response.body, abort)
  }

  get lastId(): string {
    return this.events.at(-1)?.id ?? ''
  }

  async close(): Promise<void> {
    this.#abort.abort()
    await this.ended
  }

  async #read(body: ReadableStream<Uint8Array>): Promise<void> {
    const decoder = new TextDecoder()
    let text = ''
    for await (const piece of body) {
      text += decoder.decode(piece, { stream: true })
      const blocks = text.split('\n\n')
      text = blocks.pop() ?? ''
      for (const block of blocks) this.#take(block)
    }
  }

  #take(block: string): void {
    const fields = Object.fromEntries(
      block.split('\n').map((line) => {
        const colon = line.indexOf(':')
        return [line.slice(0, colon), line.slice(colon + 1).trim()]
      }),
    )
    if (fields.data === undefined) return
    const event = JSON.parse(fields.data)
    if (fields.event === 'end') this.endReason = event.reason
    else this.events.push({ id: fields.id ?? '', name: fields.event ?? '', event })
  }
}
