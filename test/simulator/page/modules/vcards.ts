/** WAWebVcardParsingUtils and WAWebVcardGetNameFromParsed: a text that begins with BEGIN:VCARD is a contact card. */
interface Parsed {
  name: string
}

export const WAWebVcardParsingUtils = {
  parseVcard(text: string): Parsed {
    const name = /^FN:(.*)$/m.exec(text)?.[1]
    if (name === undefined) throw new Error('vcard without a name')
    return { name: name.trim() }
  },
}

export const WAWebVcardGetNameFromParsed = { vcardGetNameFromParsed: (parsed: Parsed) => parsed.name }
