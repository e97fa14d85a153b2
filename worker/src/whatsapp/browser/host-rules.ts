import type { Destination } from '@wsg/shared/net/connect-through-proxy.ts'

export const RESOLVER_RULES = '--host-resolver-rules'

/** The operator's own lists of rules among the flags of Chromium. */
export function resolverRules(flags: readonly string[]): string[] {
  return flags
    .filter((flag) => flag.startsWith(`${RESOLVER_RULES}=`))
    .map((flag) => flag.slice(RESOLVER_RULES.length + 1))
}

const WHATSAPP_HOSTS = ['whatsapp.com', '*.whatsapp.com', 'whatsapp.net', '*.whatsapp.net']

export function isWhatsAppHost(host: string): boolean {
  return WHATSAPP_HOSTS.some((pattern) => matches(pattern, host))
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
  const rules = rulesIn(given)
  const mapped = rules.filter((rule) => /^MAP /i.test(rule)).map((rule) => rule.split(' ')[1] ?? '')
  const allowed = [...WHATSAPP_HOSTS, ...alsoAllowed]
    .filter((host) => !mapped.some((pattern) => overlap(host, pattern)))
    .map((host) => `EXCLUDE ${host}`)
  return [...new Set([...rules, ...allowed, 'MAP * ~NOTFOUND'])].join(', ')
}

/**
 * Where a browser with that list connects to for a host: elsewhere where the operator maps it; null where it may not be reached.
 * @param given as above
 */
export function placeOfHost({ host, port }: Destination, given: readonly string[]): Destination | null {
  const rules = rulesIn(given).map((rule) => rule.split(' '))
  for (const [, pattern = '', to] of rules.filter(([kind = '']) => /^MAP$/i.test(kind))) {
    if (to === undefined || to.startsWith('~') || !matches(pattern, host)) continue
    const [, mapped = to, mappedPort = port] = /^(.*):(\d+)$/.exec(to) ?? []
    return { host: mapped.replace(/^\[|\]$/g, ''), port: Number(mappedPort) }
  }
  const allowed = rules.filter(([kind = '']) => /^EXCLUDE$/i.test(kind)).map(([, pattern = '']) => pattern)
  return isWhatsAppHost(host) || allowed.some((pattern) => matches(pattern, host)) ? { host, port } : null
}

function rulesIn(lists: readonly string[]): string[] {
  return lists
    .flatMap((list) => list.split(','))
    .map((rule) => rule.trim().replace(/\s+/g, ' '))
    .filter((rule) => rule !== '' && !excludesEverything(rule))
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
