import { z } from 'zod'
import { sessionReasons, sessionStatuses } from '../sessions/session-lifecycle.ts'
import { event } from './event.ts'

export const sessionStatus = event({
  name: 'session.status',
  sentence: 'The state of the session, or the reason for it, has changed.',
  data: z.object({ status: z.enum(sessionStatuses), reason: z.enum(sessionReasons) }),
  example: { status: 'ready', reason: 'connected' },
})
