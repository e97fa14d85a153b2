/** The machine or its set-up does not allow a start. The message says what to do and is all that is printed. */
export class StartFailure extends Error {
  override readonly name = 'StartFailure'
}
