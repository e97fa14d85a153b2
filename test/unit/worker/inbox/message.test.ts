import { messageDataSchema } from '@wsg/shared/events/message-data.ts'
import { messageFromPage } from '@wsg/worker/src/inbox/from-page/message.ts'
import type { PageMessageFacts } from '@wsg/worker/src/whatsapp/page/describe-message.ts'
import { describe, expect, it } from 'vitest'

const text: PageMessageFacts = {
  id: '3A01',
  key: 'false_163971247583412@lid_3A01',
  chat: { id: '163971247583412@lid', phone: '5511999887766@c.us', lid: '163971247583412@lid' },
  fromMe: false,
  pushName: 'Maria',
  type: 'chat',
  body: 'Oi',
  t: 1_764_405_000,
  ack: 1,
}

const read = (facts: Partial<PageMessageFacts>) => {
  const event = messageFromPage({ ...text, ...facts })
  if (event === null) throw new Error('it is no message')
  return { ...event, data: messageDataSchema.strict().parse(event.data) }
}

describe('a message from the page', () => {
  it('is told with the number next to the hidden identity', () => {
    expect(read({})).toEqual({
      event: 'message',
      occurrence: text.key,
      chats: ['163971247583412@lid', '5511999887766@c.us'],
      data: {
        id: '3A01',
        messageId: text.key,
        chatId: '163971247583412@lid',
        phone: '5511999887766',
        lid: '163971247583412@lid',
        from: { phone: '5511999887766', lid: '163971247583412@lid', pushName: 'Maria' },
        fromMe: false,
        type: 'text',
        text: 'Oi',
        mentions: [],
        timestamp: '2025-11-29T08:30:00.000Z',
        ack: 1,
      },
      heardAt: 1_764_405_000,
    })
  })

  it('of a group names who wrote it', () => {
    const author = { id: '163971247583412@lid', phone: '5511999887766@c.us', lid: '163971247583412@lid' }
    const { data, chats } = read({ chat: { id: '120363041234567890@g.us' }, author })
    expect(data).toMatchObject({
      chatId: '120363041234567890@g.us',
      author: author.id,
      from: { phone: '5511999887766', pushName: 'Maria' },
    })
    expect(data).not.toHaveProperty('phone')
    expect(chats).toEqual(['120363041234567890@g.us'])
  })

  it('of the account itself is never a `message`', () => {
    expect(read({ fromMe: true })).toMatchObject({ event: 'message.any', data: { fromMe: true } })
    expect(read({ fromMe: true }).data.from).not.toHaveProperty('phone')
  })

  it('has its media with a state, its place, contacts and poll', () => {
    const media = { mimetype: 'audio/ogg; codecs=opus', size: 4_211, duration: '7' }
    expect(read({ type: 'ptt', body: undefined, media } as never).data).toMatchObject({
      type: 'voice',
      text: '',
      media: {
        state: 'pending',
        mimetype: 'audio/ogg; codecs=opus',
        size: 4_211,
        seconds: 7,
        url: `/messages/${encodeURIComponent(text.key)}/media`,
      },
    })
    expect(
      read({ type: 'location', location: { lat: -23.5, lng: -46.6, loc: 'Paulista\nAv. Paulista 1' } }).data,
    ).toMatchObject({
      text: '',
      location: { latitude: -23.5, longitude: -46.6, name: 'Paulista', address: 'Av. Paulista 1' },
    })
    expect(read({ type: 'vcard', body: 'BEGIN:VCARD' }).data).toMatchObject({
      type: 'contact',
      text: '',
      contacts: [{ vcard: 'BEGIN:VCARD' }],
    })
    const poll = { name: 'When?', options: ['Mon', 'Tue'], selectable: 1 }
    expect(read({ type: 'poll_creation', body: undefined, poll } as never).data).toMatchObject({
      type: 'poll',
      text: 'When?',
      poll: { question: 'When?', options: ['Mon', 'Tue'], multiple: false },
    })
  })

  it.each(['e2e_notification', 'gp2', 'protocol', 'revoked', 'reaction', 'poll_update', 'call_log'])(
    'that nobody wrote (%s) is none',
    (type) => {
      expect(messageFromPage({ ...text, type })).toBeNull()
    },
  )

  it('of a type that is not known yet is told as WhatsApp names it', () => {
    expect(read({ type: 'interactive' }).data.type).toBe('interactive')
  })
})
