import { WAWebMsgKey } from './modules/wa-web-msg-key.ts'
import { WAWebUserPrefsMeUser } from './modules/wa-web-user-prefs-me-user.ts'
import type { WAWebWid } from './modules/wa-web-wid.ts'
import { numberBook } from './number-book.ts'

/** A person's two addresses, as far as the page knows them. */
function addressesOf(person: WAWebWid): WAWebWid[] {
  return [person, numberBook.phoneOf(person), numberBook.lidOf(person)].filter((wid) => wid !== undefined)
}

/** The keys under which a message of a writer may be indexed in a chat, as either has a number and a LID. */
export function messageKeys(id: string, chat: WAWebWid, writer: WAWebWid): WAWebMsgKey[] {
  const fromMe = addressesOf(writer).some((wid) => WAWebUserPrefsMeUser.isMeAccount(wid))
  if (!chat.isUser())
    return addressesOf(writer).map(
      (participant) => new WAWebMsgKey({ fromMe, remote: chat, id, participant }),
    )
  return addressesOf(chat).flatMap((remote) => [
    new WAWebMsgKey({ fromMe, remote, id }),
    new WAWebMsgKey({ fromMe, remote, id, self: 'out' }),
  ])
}
