import type { MessageOf } from '@wsg/shared/messages/kinds/message-kinds.ts'
import type { LibraryCard, LibraryMessage } from './library-message.ts'

type Card = MessageOf<'contact'>['contacts'][number]

export function contactToLibrary({ contacts }: MessageOf<'contact'>): LibraryMessage {
  return { body: '', options: {}, cards: contacts.map(cardOf) }
}

function cardOf(card: Card): LibraryCard {
  if ('id' in card) return card
  return 'vcard' in card
    ? { vcard: card.vcard, displayName: nameIn(card.vcard) }
    : { vcard: vcardOf(card), displayName: card.name }
}

/** RFC 2426, with `waid`, by which WhatsApp shows a button to write to the person. */
function vcardOf({ name, phone, organization }: Extract<Card, { phone: string }>): string {
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

/** The name that a vCard says; a long line is continued on one that begins with white space. */
function nameIn(vcard: string): string {
  const found = /^FN(?:;[^:\n]*)?:(.*(?:\r?\n[ \t].*)*)$/m.exec(vcard)?.[1] ?? ''
  return found
    .replace(/\r?\n[ \t]/g, '')
    .replace(/\\n/gi, ' ')
    .replace(/\\(.)/g, '$1')
    .trim()
}

function escaped(text: string): string {
  return text.replace(/[\\;,]/g, '\\$&').replace(/\r\n|\r|\n/g, '\\n')
}
