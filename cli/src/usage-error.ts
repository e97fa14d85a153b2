/** The command line cannot be meant like this. The message says what is wrong. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}
