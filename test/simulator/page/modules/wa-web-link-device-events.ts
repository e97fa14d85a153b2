import { build } from '../build.ts'
import { Emitter } from '../emitter.ts'

class LinkDeviceEvents extends Emitter {
  /** The server wants a passkey for the new device: what a person would have to go on with. Nothing else happens here. */
  declare triggerPasskeyPrologueRequest?: () => void
}

const events = new LinkDeviceEvents()
if (build.has('passkeyEvent')) {
  events.triggerPasskeyPrologueRequest = () =>
    void events.trigger('link_device_events:passkey_prologue_request')
}

export const WAWebLinkDeviceEvents = { WAWebLinkDeviceEvents: events }
