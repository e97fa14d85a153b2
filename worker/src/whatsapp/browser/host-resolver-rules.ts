/**
 * The site allow-list, as Chromium's `--host-resolver-rules`: WhatsApp's hosts resolve, everything else does not,
 * addresses written as numbers included.
 *
 * Chromium looks at every EXCLUDE before any MAP, wherever they stand (`net/base/host_mapping_rules.cc`): a host that
 * is excluded cannot be mapped. So the allow-list lets go of a pattern that the operator maps elsewhere.
 */
const WHATSAPP_HOSTS = ['whatsapp.com', '*.whatsapp.com', 'whatsapp.net', '*.whatsapp.net']
const NOTHING_ELSE = 'MAP * ~NOTFOUND'

/**
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
  return [...new Set([...rules, ...allowed, NOTHING_ELSE])].join(', ')
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
