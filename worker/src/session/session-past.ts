import type { SessionFields } from '@wsg/shared/session-view.ts'
import { type FailuresInARow, failuresOf } from './failures-in-a-row.ts'

/** What an owner knows of its session from the time before it, and corrects as it goes. */
export class SessionPast {
  /** Whether the profile holds a login: what was believed, then what the page showed. */
  savedLogin: boolean
  inARow: FailuresInARow
  /** The browser before was replaced for its size, and since then none was steady. */
  recycled: boolean

  constructor(fields: SessionFields) {
    this.savedLogin = fields.savedLogin === '1'
    this.inARow = failuresOf(fields)
    this.recycled = fields.recycled === '1'
  }

  /** `ready` has lasted. @returns the fields to remove */
  becameSteady(): SessionFields {
    this.inARow = failuresOf({})
    this.recycled = false
    return { failures: '', memoryFaults: '', recycled: '' }
  }
}
