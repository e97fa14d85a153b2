import type { ControlHandler } from '../control-handlers.ts'

export const sessionRestart: ControlHandler<'session.restart'> = async (session) => {
  session.restart()
  return {}
}
