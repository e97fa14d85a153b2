/** The server refused a request with a status. */
export class ServerStatusCodeError extends Error {
  override readonly name = 'ServerStatusCodeError'
  readonly status: number

  constructor(status: number, text: string) {
    super(text)
    this.status = status
  }
}
