import type { ControlHandler } from './control-handler.ts'

export const sessionRestart: ControlHandler<'session.restart'> = async (session) => {
  session.restart()
  return {}
}
