/**
 * The numbers with which WhatsApp's server refuses a message, in plain words. Source: the names that WhatsApp Web has for
 * them; 463 is reported from the field (Baileys #2441, waha #2185); 403 is what its server says everywhere of what one may not.
 */
export const whatsappRefusals: Readonly<Record<number, string>> = {
  403: 'WhatsApp does not let this account write there: in a group it may have been removed, or only admins may write.',
  421: 'The group addresses its members in another way than WhatsApp Web knew.',
  463: 'WhatsApp does not let this account write to people who never wrote to it, for a time (reach-out time lock).',
  475: 'The account has reached its cap for messages to new chats.',
  487: 'WhatsApp could not read the message.',
  488: 'WhatsApp does not know this form of message.',
  489: 'WhatsApp does not know this class of message.',
  490: 'WhatsApp does not know this type of message.',
  491: 'The content of the message is not valid.',
  493: 'The message was not valid for a linked device that is hosted.',
  495: 'A secret that belongs to the message is missing.',
  496: 'The message was encrypted with keys that had been used before.',
  499: 'The message was deleted where it was to arrive.',
  500: 'WhatsApp had a fault of its own.',
  550: 'WhatsApp does not let an admin take this message back.',
  551: 'WhatsApp does not take hidden identities in this group.',
  552: 'WhatsApp could not store the message.',
}

/** @returns a sentence for each number, known or not, and for none */
export function meaningOfRefusal(code: number | null): string {
  return (code !== null && whatsappRefusals[code]) || 'WhatsApp refused it.'
}
