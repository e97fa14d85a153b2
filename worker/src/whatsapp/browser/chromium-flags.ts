export interface ChromiumSetting {
  profilePath: string
  /** True for the headless shell, which knows only the old headless mode and bears stronger memory flags. */
  headlessShell: boolean
  /** False only where the kernel or the user id leaves no other way. */
  sandbox: boolean
  /** The operator's own flags, `CHROMIUM_ARGS`. */
  extra: readonly string[]
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

const WHATSAPP_HOSTS = ['whatsapp.com', '*.whatsapp.com', 'whatsapp.net', '*.whatsapp.net']

/** A bare `--` would end the switches, the allow-list with them. */
const SWITCH = /^--[a-z]/

/** Where the profile is, how the browser is steered, what it reaches: no one else's to say. */
const RESERVED = /^--(user-data-dir|profile-directory|remote-debugging-.*|remote-allow-origins|host-rules)$/

/**
 * The whole command line of Chromium, `about:blank` last. What the operator gives wins over the product's own flags,
 * except that reserved ones are dropped and the allow-list can only be added to.
 */
export function composeChromiumFlags(setting: ChromiumSetting): string[] {
  const own = [
    ...QUIET,
    setting.headlessShell ? '--headless' : '--headless=new',
    ...(setting.headlessShell ? LEAN_SHELL : []),
    ...(setting.sandbox ? [] : ['--no-sandbox']),
    // Chromium allows it only where there is no sandbox.
    ...(setting.headlessShell && !setting.sandbox ? ['--no-zygote'] : []),
  ]
  const extra = setting.extra.filter((flag) => SWITCH.test(flag) && !RESERVED.test(nameOf(flag)))
  const rules = extra.filter((flag) => nameOf(flag) === '--host-resolver-rules').map(givenTo)
  const proxies = extra
    .filter((flag) => nameOf(flag) === '--proxy-server')
    .flatMap((flag) => proxyHosts(givenTo(flag)))
  return [
    ...merge([...own, ...extra.filter((flag) => nameOf(flag) !== '--host-resolver-rules')]),
    `--host-resolver-rules=${composeHostResolverRules(rules, proxies)}`,
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

/**
 * The site allow-list, as Chromium's `--host-resolver-rules`: WhatsApp's hosts resolve, everything else does not,
 * addresses written as numbers included. Chromium looks at every EXCLUDE before any MAP, wherever they stand
 * (`net/base/host_mapping_rules.cc`): a host that is excluded cannot be mapped. So a host that the operator maps
 * elsewhere is not excluded here.
 * @param given the operator's own rules; they come first. An EXCLUDE of every host is dropped: it would end the list
 * @param alsoAllowed further hosts that must resolve, such as a proxy's
 */
export function composeHostResolverRules(given: string[], alsoAllowed: string[] = []): string {
  const rules = given
    .flatMap((list) => list.split(','))
    .map((rule) => rule.trim().replace(/\s+/g, ' '))
    .filter((rule) => rule !== '' && !excludesEverything(rule))
  const mapped = rules.filter((rule) => /^MAP /i.test(rule)).map((rule) => rule.split(' ')[1] ?? '')
  const allowed = [...WHATSAPP_HOSTS, ...alsoAllowed]
    .filter((host) => !mapped.some((pattern) => overlap(host, pattern)))
    .map((host) => `EXCLUDE ${host}`)
  return [...new Set([...rules, ...allowed, 'MAP * ~NOTFOUND'])].join(', ')
}

function excludesEverything(rule: string): boolean {
  return /^EXCLUDE( [*.]*)?$/i.test(rule)
}

/** True where one of two host patterns, read as text, is matched by the other. */
function overlap(one: string, other: string): boolean {
  return matches(one, other) || matches(other, one)
}

function matches(pattern: string, host: string): boolean {
  const parts = pattern.split('*').map((part) => part.replace(/[\\^$.|?+()[\]{}]/g, '\\$&'))
  return new RegExp(`^${parts.join('.*')}$`, 'i').test(host)
}
