import { randomBytes } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import type { MessageState } from '@wsg/shared/messages/message-lifecycle.ts'
import {
  type Ground,
  Missed,
  messageOf,
  PERSON_MS,
  SECOND_COPY_MS,
  type Step,
  send,
  some,
  until,
  WHATSAPP_MS,
} from './step.ts'

/** A smallest picture, as PNG. */
const PICTURE =
  'iVBORw0KGgoAAAANSUhEUgAAAAgAAAAICAIAAABLbSncAAAAEUlEQVR42mNQaDiAFTEMLQkAOsZYAf+tz8gAAAAASUVORK5CYII='

/** What two linked numbers do with each other. */
export const messageSteps: readonly Step[] = [
  {
    name: 'text',
    beliefs: [
      'Every message to a person or group passes one function of the page, under the id that it is given there',
    ],
    run: async (ground) => {
      const { first, phones, heard, word } = ground
      const sent = await send(ground, first, phones.second, `text ${word}`)
      const [came] = await until('the text to come to the second number', WHATSAPP_MS, () =>
        some(heard.second.messages(`text ${word}`)),
      )
      const isUnderId = came?.id === sent.id
      if (!isUnderId) throw new Missed(`it came under the id ${came?.id}, and was sent under ${sent.id}`)
      return {
        told: 'it came to the second number, under the id that it was given here',
      }
    },
  },
  {
    name: 'acks',
    beliefs: ['Read receipts leave only while the account is shown as available'],
    run: async (ground) => {
      const { gateway, first, second, phones, word } = ground
      const { id } = await send(ground, first, phones.second, `ack ${word}`)
      await untilState(ground, first, id, ['delivered', 'read'])
      await until('the second number to see the chat', WHATSAPP_MS, async () => {
        await gateway.ask('POST', `/chats/${phones.first}/seen`, { session: second })
        return (await messageOf(ground, first, id)).status === 'read' ? true : null
      })
      return {
        told: 'server, delivered and read were told, in the record of the message',
      }
    },
  },
  {
    name: 'media',
    beliefs: [
      "The page's download manager gives the bytes of a file; for some accounts only under the message's own mimetype",
    ],
    run: async (ground) => {
      const { gateway, first, second, phones, heard, word } = ground
      const bytes = `document ${word} ${randomBytes(64).toString('hex')}`
      const media = { data: Buffer.from(bytes).toString('base64'), mimetype: 'text/plain' }
      await send(ground, first, phones.second, {
        type: 'document',
        media,
        filename: 'selftest.txt',
        caption: `file ${word}`,
      })
      await send(ground, first, phones.second, {
        type: 'image',
        media: { data: PICTURE },
        caption: `image ${word}`,
      })
      const [file] = await until('the file to come', WHATSAPP_MS, () =>
        some(heard.second.messages(`file ${word}`)),
      )
      await until('the image to come', WHATSAPP_MS, () => some(heard.second.messages(`image ${word}`)))
      const got = await gateway.open(
        'GET',
        `/messages/${encodeURIComponent(String(file?.messageId))}/media`,
        { session: second },
      )
      if ((await got.text()) !== bytes) throw new Missed('the file that came has other bytes')
      return {
        told: 'an image and a file came to the second number, the file byte by byte',
      }
    },
  },
  {
    name: 'receiving',
    beliefs: [],
    run: async (ground) => {
      const { holder, second, phones, heard, word } = ground
      await send(ground, second, phones.first, `back ${word}`)
      await until('the answer of the second number to be an event', WHATSAPP_MS, () =>
        some(heard.first.messages(`back ${word}`)),
      )
      await holder.write(`phone ${word}`, phones.first)
      await until('what was written on the phone to be an event', PERSON_MS, () =>
        some(heard.first.messages(`phone ${word}`)),
      )
      return { told: 'what was sent, and what was written on the phone, were events' }
    },
  },
  {
    name: 'same message twice',
    beliefs: [],
    run: async (ground) => {
      const { first, phones, heard, word } = ground
      const text = `once ${word}`
      const once = { key: `selftest-${word}` }
      const { id } = await send(ground, first, phones.second, text, once)
      const again = await send(ground, first, phones.second, text, once)
      await until('it to come', WHATSAPP_MS, () => some(heard.second.messages(text)))
      await pause(SECOND_COPY_MS)
      if (again.id !== id || heard.second.messages(text).length !== 1) throw new Missed('it went out twice')
      return { told: 'a message that was sent again under its key came once' }
    },
  },
]

async function untilState(
  ground: Ground,
  session: string,
  id: string,
  wanted: readonly MessageState[],
): Promise<void> {
  const reached = async () => (wanted.includes((await messageOf(ground, session, id)).status) ? true : null)
  await until(`the message to be ${wanted[0]}`, WHATSAPP_MS, reached)
}
