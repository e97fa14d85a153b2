interface Link {
  href: string
  url: string
  suspiciousCharacters: Set<string>
}

const LINK = /\b(?:https?:\/\/|www\.)[^\s<>"']+[^\s<>"'.,;:!?)\]]/gi

function findLinks(text: string | undefined): Link[] {
  return (text?.match(LINK) ?? []).map((url) => ({
    url,
    href: /^https?:/i.test(url) ? url : `http://${url}`,
    suspiciousCharacters: new Set<string>(),
  }))
}

export const WALinkify = {
  findLinks,
  findLink: (text: string | undefined) => findLinks(text)[0] ?? null,
}
