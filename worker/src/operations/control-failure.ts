import type { ErrorCode } from '@wsg/shared/errors.ts'

/** A control job that could not be done, as its caller is told. */
export class ControlFailure extends Error {
  override readonly name = 'ControlFailure'
  readonly code: ErrorCode

  constructor(code: ErrorCode, message: string) {
    super(message)
    this.code = code
  }
}
