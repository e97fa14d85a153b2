import type { PageGlobals, PageModules } from './page-globals.ts'

/**
 * Runs in the page, in place of the library's function of that name, which gives up at the first module that the page
 * lacks: what is there is collected, so that a session with a login does without what only pairing needs.
 */
export function exposeAuthStore(): void {
  const page = window as unknown as PageGlobals & { AuthStore: Record<string, unknown> }
  const find = (name: string): Record<string, unknown> | undefined => {
    try {
      return page.require(name as keyof PageModules) as unknown as Record<string, unknown>
    } catch {
      return undefined
    }
  }
  const handler = find('WAWebOfflineHandler')?.OfflineMessageHandler as
    | { getOfflineDeliveryProgress?: () => number }
    | undefined
  page.AuthStore = {
    AppState: find('WAWebSocketModel')?.Socket,
    Cmd: find('WAWebCmd')?.Cmd,
    Conn: find('WAWebConnModel')?.Conn,
    // The library asks it inside of a listener, where an error would reach the page.
    OfflineMessageHandler: handler?.getOfflineDeliveryProgress
      ? handler
      : { getOfflineDeliveryProgress: () => 0 },
    PairingCodeLinkUtils: find('WAWebAltDeviceLinkingApi'),
    Base64Tools: find('WABase64'),
    RegistrationUtils: {
      ...find('WAWebCompanionRegClientUtils'),
      ...find('WAWebAdvSignatureApi'),
      ...find('WAWebUserPrefsInfoStore'),
      ...find('WAWebSignalStoreApi'),
    },
  }
}
