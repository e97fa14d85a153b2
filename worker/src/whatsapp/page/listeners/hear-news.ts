import type { PageGlobals } from '../page-globals.ts'

/**
 * Runs in the page after `reportPageEvents`, again whenever more of it may be there: attaches our listeners for what happens in
 * chats, each by itself, so that one whose module is missing keeps no other from listening.
 */
export function hearNews(): void {
  const page = window as unknown as PageGlobals
  const { sessionGatewayListens: attached, sessionGatewayKit: kit } = page
  if (!attached || !kit.tell) throw new Error('the page does not report yet')
  for (const [listener, { listen }] of Object.entries(kit.listeners)) {
    if (attached.has(listener)) continue
    try {
      listen()
      attached.add(listener)
    } catch (error) {
      // Once: it is tried again with every look at the page.
      if (attached.has(`no ${listener}`)) continue
      attached.add(`no ${listener}`)
      kit.tell({ type: 'deaf', listener, detail: String(error).slice(0, 200) })
    }
  }
}

/** Runs in the page: a listener whose errors do not reach the page. */
export function guarded<Given extends unknown[]>(
  listener: (...given: Given) => void,
): (...given: Given) => void {
  return (...given) => {
    try {
      listener(...given)
    } catch {
      // What it would have told is lost; WhatsApp Web goes on.
    }
  }
}

/**
 * Runs in the page: calls `heard` with what one of the page's own functions was given, once it has done its work, because it looks
 * first whether what it was given is right. No error of ours reaches the page.
 */
export function hearCalls<Given extends unknown[]>(
  owner: object,
  name: string,
  heard: (...given: Given) => unknown,
): void {
  const stock: unknown = Reflect.get(owner, name)
  if (typeof stock !== 'function') throw new Error(`${name} is no function`)
  const heardCall = async (given: Given, done: unknown) => {
    await done
    await heard(...given)
  }
  const wrapped = function (this: unknown, ...given: Given): unknown {
    const done: unknown = Reflect.apply(stock, this, given)
    void heardCall(given, done).catch(() => {})
    return done
  }
  if (!Reflect.set(owner, name, wrapped)) throw new Error(`${name} cannot be heard`)
}
