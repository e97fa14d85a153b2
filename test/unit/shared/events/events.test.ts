import { envelopeSchema, envelopeText } from '@wsg/shared/events/envelope.ts'
import { eventList, nameFor } from '@wsg/shared/events/events.ts'
import { describe, expect, it } from 'vitest'

describe('events', () => {
  it.each(eventList.map((event) => [event.name, event] as const))(
    '%s has an example of its data',
    (_, event) => {
      expect(event.data.strict().parse(event.example)).toEqual(event.example)
    },
  )

  it("gives others' messages once, under the name that was asked for", () => {
    expect(nameFor('message', ['*'])).toBe('message')
    expect(nameFor('message', ['message.any'])).toBe('message.any')
    expect(nameFor('message', ['message.any', 'message'])).toBe('message')
    expect(nameFor('message.any', ['message'])).toBeNull()
    expect(nameFor('message.any', ['*'])).toBe('message.any')
    expect(nameFor('session.status', ['message'])).toBeNull()
  })

  it('come in one envelope', () => {
    const logged = {
      ...{
        id: 'evt_1',
        sessionId: 'shop',
        sequence: 7,
        event: 'message' as const,
        position: '1764405000123-4',
      },
      ...{ chats: [], account: '{"phone":"5511900000000"}', data: '{"text":"Oi"}', catchUp: true },
    }
    const envelope = JSON.parse(envelopeText(logged, 'message.any', null))
    expect(envelopeSchema.strict().parse(envelope)).toEqual(envelope)
    expect(envelope).toEqual({
      id: 'evt_1',
      sequence: 7,
      timestamp: '2025-11-29T08:30:00.123Z',
      event: 'message.any',
      sessionId: 'shop',
      account: { phone: '5511900000000' },
      data: { text: 'Oi' },
      catchUp: true,
    })
  })

  it('bear whole addresses where it is known under which one callers reach us, and never in what somebody wrote', () => {
    const media = { url: '/messages/false_1%40c.us_3A/media', state: 'pending', mimetype: 'image/png' }
    const text = JSON.stringify({ media: { url: '/x' }, bodyUrl: '/x' })
    const logged = {
      ...{
        id: 'evt_1',
        sessionId: 'shop',
        sequence: 7,
        event: 'message' as const,
        position: '1764405000123-4',
      },
      ...{
        chats: [],
        account: '{}',
        data: JSON.stringify({ text, media, bodyUrl: '/chats/1' }),
        catchUp: false,
      },
    }
    const dataWith = (publicUrl: string | null) => JSON.parse(envelopeText(logged, 'message', publicUrl)).data
    expect(dataWith('https://example.org/wa')).toEqual({
      text,
      media: { ...media, url: `https://example.org/wa${media.url}` },
      bodyUrl: 'https://example.org/wa/chats/1',
    })
    expect(dataWith(null)).toEqual({ text, media, bodyUrl: '/chats/1' })
  })
})
