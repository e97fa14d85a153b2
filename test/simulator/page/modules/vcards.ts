import type { ContactModel } from '../contact-collection.ts'

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

export const WAWebFrontendVcardUtils = {
  vcardFromContactModel(contact: ContactModel): { displayName: string; vcard: string } {
    const displayName = contact.formattedName
    const { user } = contact.phoneNumber ?? contact.id
    const phone = `TEL;type=CELL;waid=${user}:+${user}`
    const lines = [
      'BEGIN:VCARD',
      'VERSION:3.0',
      `N:;${displayName};;;`,
      `FN:${displayName}`,
      phone,
      'END:VCARD',
    ]
    return { displayName, vcard: lines.join('\n') }
  },
}

export const WAWebVcardGetNameFromParsed = { vcardGetNameFromParsed: (parsed: Parsed) => parsed.name }
