import type { MessageOf } from '@wsg/shared/messages/kinds/message-kinds.ts'
import type { LibraryMessage } from './library-message.ts'

type Card = MessageOf<'contact'>['contacts'][number]

/** The library sends a text that is a vCard as a contact. */
export function contactToLibrary({ contacts }: MessageOf<'contact'>): LibraryMessage {
  return { body: contacts.map(vcardOf).join('\n'), options: { parseVCards: true } }
}

/** RFC 2426, with `waid`, by which WhatsApp shows a button to write to the person. */
function vcardOf(card: Card): string {
  if ('vcard' in card) return card.vcard
  const { name, phone, organization } = card
  return [
    'BEGIN:VCARD',
    'VERSION:3.0',
    `N:;${escaped(name)};;;`,
    `FN:${escaped(name)}`,
    ...(organization === undefined ? [] : [`ORG:${escaped(organization)}`]),
    `TEL;type=CELL;waid=${phone}:+${phone}`,
    'END:VCARD',
  ].join('\n')
}

function escaped(text: string): string {
  return text.replace(/[\\;,]/g, '\\$&').replace(/\r\n|\r|\n/g, '\\n')
}
