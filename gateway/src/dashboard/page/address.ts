/** Where in the page one is: the part of the address behind `#`. */
export interface Address {
  /** `['sessions', 'shop', 'events']` */
  parts: string[]
  query: Readonly<Record<string, string>>
}

/** @param hash as `location.hash` has it, `#/sessions/shop?state=ready` */
export function readAddress(hash: string): Address {
  const [path = '', query = ''] = hash.replace(/^#?\/?/, '').split('?', 2)
  return {
    parts: path.split('/').filter(Boolean).map(decodePart),
    query: Object.fromEntries(new URLSearchParams(query)),
  }
}

/** @param query fields without a value are left out */
export function writeAddress(
  parts: readonly string[],
  query: Record<string, string | undefined> = {},
): string {
  const given = Object.entries(query).filter((field): field is [string, string] => Boolean(field[1]))
  const search = new URLSearchParams(given).toString()
  return `#/${parts.map(encodeURIComponent).join('/')}${search === '' ? '' : `?${search}`}`
}

function decodePart(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}
