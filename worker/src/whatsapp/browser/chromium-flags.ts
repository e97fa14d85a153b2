import { composeHostResolverRules, RESOLVER_RULES, resolverRules } from './host-rules.ts'

export interface ChromiumOptions {
  profilePath: string
  /** True for the headless shell, which knows only the old headless mode and bears stronger memory flags. */
  headlessShell: boolean
  /** False only where the kernel or the user id leaves no other way. */
  sandbox: boolean
  /** The operator's own flags, `CHROMIUM_ARGS`. */
  extra: readonly string[]
  /** Of the proxy on loopback that everything has to go through; null for none. */
  proxyPort?: number | null
}

/** Flags of puppeteer 24.38 (`ChromeLauncher.defaultArgs`) that a page without a window has a use for. */
const QUIET = [
  '--allow-pre-commit-input',
  '--disable-background-networking',
  '--disable-background-timer-throttling',
  '--disable-backgrounding-occluded-windows',
  '--disable-breakpad',
  '--disable-client-side-phishing-detection',
  '--disable-component-extensions-with-background-pages',
  '--disable-component-update',
  '--disable-crash-reporter',
  '--disable-default-apps',
  '--disable-dev-shm-usage',
  '--disable-domain-reliability',
  '--disable-extensions',
  '--disable-hang-monitor',
  '--disable-infobars',
  '--disable-ipc-flooding-protection',
  '--disable-popup-blocking',
  '--disable-prompt-on-repost',
  '--disable-renderer-backgrounding',
  '--disable-search-engine-choice-screen',
  '--disable-sync',
  '--force-color-profile=srgb',
  '--hide-scrollbars',
  '--metrics-recording-only',
  '--mute-audio',
  '--no-default-browser-check',
  '--no-first-run',
  '--no-pings',
  '--password-store=basic',
  '--use-mock-keychain',
  '--window-size=1280,900',
  '--disable-features=Translate,AcceptCHFrame,MediaRouter,OptimizationHints,RenderDocument,ProcessPerSiteUpToMainFrameThreshold,IsolateSandboxedIframes',
  // whatsapp-web.js sets it, so that navigator.webdriver stays false.
  '--disable-blink-features=AutomationControlled',
]

/** Measured on the headless shell with one idle ready session; on full Chromium some of them cost memory. */
const LEAN_SHELL = [
  '--enable-features=NetworkServiceInProcess2',
  '--disable-gpu',
  '--disable-software-rasterizer',
  '--in-process-gpu',
]

/** Flags whose value is a list: what the operator gives is added, not put in its place. */
const LISTS = new Set([
  '--enable-features',
  '--disable-features',
  '--disable-blink-features',
  '--enable-blink-features',
])

const LOOPBACK = '127.0.0.1'

/** How everything goes through a proxy, also what would rather not: calls, QUIC, and what is on loopback. */
function throughProxy(port: number): string[] {
  return [
    `--proxy-server=http://${LOOPBACK}:${port}`,
    '--proxy-bypass-list=<-loopback>',
    '--force-webrtc-ip-handling-policy=disable_non_proxied_udp',
    '--disable-quic',
  ]
}

/** Would lead around the proxy of a session. */
const ABOUT_PROXIES = /^--(no-proxy-server|proxy-.*|force-webrtc-ip-handling-policy|enable-quic)$/

/** A bare `--` would end the switches, the allow-list with them. */
const SWITCH = /^--[a-z]/

/** Where the profile is, how the browser is steered, what it reaches: no one else's to say. */
const RESERVED = /^--(user-data-dir|profile-directory|remote-debugging-.*|remote-allow-origins|host-rules)$/

/**
 * The whole command line of Chromium, `about:blank` last. What the operator gives wins over the product's own flags,
 * except that reserved ones are dropped and the allow-list can only be added to.
 */
export function composeChromiumFlags(setting: ChromiumOptions): string[] {
  const own = [
    ...QUIET,
    setting.headlessShell ? '--headless' : '--headless=new',
    ...(setting.headlessShell ? LEAN_SHELL : []),
    ...(setting.sandbox ? [] : ['--no-sandbox']),
    // Chromium allows it only where there is no sandbox.
    ...(setting.headlessShell && !setting.sandbox ? ['--no-zygote'] : []),
  ]
  const { proxyPort = null } = setting
  const extra = setting.extra
    .filter((flag) => SWITCH.test(flag) && !RESERVED.test(nameOf(flag)))
    .filter((flag) => proxyPort === null || !ABOUT_PROXIES.test(nameOf(flag)))
  const proxies = extra
    .filter((flag) => nameOf(flag) === '--proxy-server')
    .flatMap((flag) => proxyHosts(givenTo(flag)))
  // Behind the proxy of a session nothing but that is looked up: names are for the other end of it.
  const resolves =
    proxyPort === null
      ? composeHostResolverRules(resolverRules(extra), proxies)
      : `EXCLUDE ${LOOPBACK}, MAP * ~NOTFOUND`
  return [
    ...merge([...own, ...extra.filter((flag) => nameOf(flag) !== RESOLVER_RULES)]),
    ...(proxyPort === null ? [] : throughProxy(proxyPort)),
    `${RESOLVER_RULES}=${resolves}`,
    `--user-data-dir=${setting.profilePath}`,
    '--remote-debugging-pipe',
    'about:blank',
  ]
}

/** One flag per name: lists are joined, of the others the last wins. */
function merge(flags: string[]): string[] {
  const byName = new Map<string, string>()
  for (const flag of flags) {
    const name = nameOf(flag)
    const before = byName.get(name)
    byName.set(name, before && LISTS.has(name) ? joined(name, [before, flag]) : flag)
  }
  return [...byName.values()]
}

function joined(name: string, flags: string[]): string {
  return `${name}=${[...new Set(flags.flatMap((flag) => givenTo(flag).split(',')))].filter(Boolean).join(',')}`
}

/** `http=one:8080;socks5://two:1080` names two hosts. */
function proxyHosts(value: string): string[] {
  return value
    .split(';')
    .map((proxy) => proxy.replace(/^[a-z]+=/i, '').replace(/^[a-z0-9]+:\/\//i, ''))
    .map((address) => address.replace(/:\d+$/, ''))
    .filter((host) => host !== '')
}

function nameOf(flag: string): string {
  return flag.split('=', 1)[0] ?? flag
}

function givenTo(flag: string): string {
  return flag.slice(nameOf(flag).length + 1)
}
