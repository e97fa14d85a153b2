import type { Msg, PageGlobals, PageModules } from './page-globals.ts'

/**
 * Runs in the page. Since July 2026 (2.3000.1043…) message keys keep their text in `$1` and whatsapp-web.js 1.34.7
 * reads `_serialized` everywhere (wwebjs #201832, #201857): keys get it back as a property, and the plain
 * models that go to Node, which lose what is inherited, get it as a field of their own.
 */
export function shimMessageKeys(): void {
  const page = window as unknown as PageGlobals
  let MsgKey: PageModules['WAWebMsgKey']
  try {
    MsgKey = page.require('WAWebMsgKey')
  } catch {
    // Nothing can be sent then, which is said elsewhere.
    return
  }
  if (!('_serialized' in MsgKey.prototype)) {
    Object.defineProperty(MsgKey.prototype, '_serialized', {
      configurable: true,
      get(this: { toString(): string }) {
        return this.toString()
      },
      // Builds that still have the field set it in their constructor.
      set(this: object, value: string) {
        Object.defineProperty(this, '_serialized', {
          value,
          writable: true,
          enumerable: true,
          configurable: true,
        })
      },
    })
  }

  const library = page.WWebJS as (NonNullable<PageGlobals['WWebJS']> & { keysShimmed?: true }) | undefined
  if (!library || library.keysShimmed) return
  const stock = library.getMessageModel
  library.getMessageModel = (message: Msg) => {
    const model = stock(message)
    for (const [field, value] of Object.entries(model)) {
      if (value instanceof MsgKey) model[field] = { ...value, _serialized: value.toString() }
    }
    model.id = { ...(model.id as object), _serialized: message.id.toString() }
    return model
  }
  library.keysShimmed = true
}
