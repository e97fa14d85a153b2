/** Makes the spans of one program. */
export interface Tracer {
  start(name: string, start: SpanStart): Span
  /** Sends what is left, and takes a second at most. */
  close(): Promise<void>
}

export interface SpanStart {
  kind: 'server' | 'consumer' | 'client' | 'internal'
  /** W3C `traceparent` of what it belongs to; a trace of its own where absent or not readable. */
  parent?: string | undefined
  /** Epoch ms; now where absent. */
  startedAt?: number
  /** Ids and words of ours: never what somebody wrote, nor a number. */
  attributes: Attributes
}
type Attributes = Record<string, string | number>

export interface Span {
  /** What others say to belong to it; undefined where the trace is not sent, so that nothing of it need be carried on. */
  readonly traceparent: string | undefined
  /** Something that happened meanwhile. */
  event(name: string): void
  /** @param failure why it went wrong, where it did */
  end(end?: { attributes?: Attributes; failure?: string }): void
}
