import { factsOf } from '@wsg/gateway/src/dashboard/facts.ts'
import {
  collectValues,
  FormFault,
  type FormValues,
} from '@wsg/gateway/src/dashboard/page/forms/form-values.ts'
import { sendBody, sendLines } from '@wsg/gateway/src/dashboard/page/pages/session/send-request.ts'
import { pacingChangesSchema } from '@wsg/shared/messages/pacing.ts'
import { sendRequestSchema } from '@wsg/shared/messages/send-request.ts'
import { describe, expect, it } from 'vitest'

const facts = factsOf(false)

function formOf(type: string, values: FormValues) {
  const fields = facts.messageKinds.find((kind) => kind.type === type)?.fields ?? []
  return { type, fields, plan: facts.sendPlan, values: { to: '5511999887766', ...values } }
}

/** What a person fills in of each kind that there is. */
const filledIn: Record<string, FormValues> = {
  text: { text: 'Hello', linkPreview: false, mentions: '5511999887766\n' },
  image: { media: 'https://example.test/a.png', caption: 'A caption', viewOnce: true },
  video: { media: 'https://example.test/a.mp4', gif: true },
  audio: { media: 'https://example.test/a.mp3' },
  voice: { media: 'https://example.test/a.ogg' },
  document: { media: 'https://example.test/a.pdf', filename: 'offer.pdf' },
  sticker: { media: 'https://example.test/a.webp' },
  location: { latitude: '-23.5', longitude: '-46.6', name: 'Home' },
  contact: { 'contacts.name': 'Ana', 'contacts.phone': '5511999887766' },
  event: { name: 'Tasting', startsAt: '2027-05-01T15:00', call: 'video' },
  forward: { messageId: 'false_5511999887766@c.us_3EB0' },
  poll: { question: 'When?', options: 'Today\n\n Tomorrow \n', multiple: true },
}

describe('the form of a message', () => {
  it.each(Object.entries(filledIn))('of kind %s makes a request that the API reads', (type, values) => {
    const body = sendBody(formOf(type, values))
    expect(sendRequestSchema.safeParse(body).error?.issues).toBeUndefined()
    expect(body.message).toMatchObject({ type })
  })

  it('is there for every kind', () => {
    expect(Object.keys(filledIn).toSorted()).toEqual(facts.messageKinds.map(({ type }) => type).toSorted())
  })

  it('is a plain string where nothing but a text is said', () => {
    expect(sendBody(formOf('text', { text: 'Hello', linkPreview: true }))).toEqual({
      to: '5511999887766',
      message: 'Hello',
    })
  })

  it('says the rest of the request, and times with their zone', () => {
    const sendAt = new Date(2026, 11, 24, 18, 30)
    const body = sendBody(
      formOf('text', { text: 'Hi', sendAt: '2026-12-24T18:30', reference: 'r', replyTo: '3EB0' }),
    )
    expect(body).toMatchObject({ sendAt: sendAt.toISOString(), reference: 'r', replyTo: '3EB0' })
  })

  it('is one line of curl with a file, and two where a form cannot say all', () => {
    const media = new File(['x'], 'photo.jpg')
    const one = sendLines(formOf('image', { media, caption: 'Look' }), 'http://here', 'shop')
    expect(one).toContain("-F 'file=@photo.jpg'")
    expect(one).toContain("-F 'caption=Look'")
    expect(one.match(/^curl /gm)).toHaveLength(1)
    const two = sendLines(formOf('image', { media, viewOnce: true }), 'http://here', 'shop')
    expect(two.match(/^curl /gm)).toHaveLength(2)
    expect(two).toContain('"media":{"upload":"ID_OF_THE_UPLOAD"},"viewOnce":true')
  })
})

it('gives a request nothing of a form that was left as it is', () => {
  for (const { fields } of facts.messageKinds) {
    const optional = fields.filter(({ isRequired, input }) => !isRequired && input !== 'contact')
    expect(collectValues(optional, {})).toEqual({})
  }
})

it('makes a pacing of what stands in its form', () => {
  const values = { perMinute: '5', overCap: 'refuse', 'warmUp.days': '3', 'warmUp.startPerDay': '10' }
  const pacing = collectValues(facts.pacing, values)
  expect(pacingChangesSchema.parse(pacing)).toEqual({
    perMinute: 5,
    overCap: 'refuse',
    warmUp: { days: 3, startPerDay: 10 },
  })
})

it('gives a webhook its headers, one a line', () => {
  const headers = 'X-Team: sales\n\nX-Where: https://here'
  expect(collectValues(facts.webhook, { headers })).toEqual({
    headers: { 'X-Team': 'sales', 'X-Where': 'https://here' },
  })
})

it('says which field has no name and value, and which no time, before anything is asked', () => {
  expect(() => collectValues(facts.webhook, { headers: 'X-Team' })).toThrow(
    new FormFault('headers: must have a name and a value a line, such as X-Team: sales'),
  )
  expect(() => collectValues(facts.sendPlan, { sendAt: 'soon' })).toThrow('sendAt: is no date and time')
})
