import { ControlFailure } from './control-failure.ts'
import type { ControlHandler } from './control-handler.ts'

export const screenshotTake: ControlHandler<'screenshot.take'> = async ({ client }) => {
  if (client === null) throw new ControlFailure('worker_failed', 'the browser is not started yet')
  return { png: (await client.screenshot()).toString('base64') }
}
