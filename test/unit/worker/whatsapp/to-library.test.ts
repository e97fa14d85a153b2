import { toLibrary } from '@wsg/worker/src/whatsapp/to-library/to-library.ts'
import { expect, test } from 'vitest'

const mentions = ['5511987650001']

test('a text is given to the library with the people whom it mentions, and its link is looked for', () => {
  expect(toLibrary({ type: 'text', text: 'Hello', linkPreview: true, mentions })).toEqual({
    body: 'Hello',
    options: { mentionedJidList: mentions },
    previewOf: 'Hello',
  })
})

test('nothing is fetched for a text that wants no preview', () => {
  expect(toLibrary({ type: 'text', text: 'Hello', linkPreview: false, mentions })).not.toHaveProperty(
    'previewOf',
  )
})

test('a name and a number become a vCard in which nothing of the name is read as its structure', () => {
  const contacts = [{ name: 'Ann; "A,B"\nTEL:1', phone: '4915112345678', organization: 'A\\B' }]
  const [card] = toLibrary({ type: 'contact', contacts }).cards ?? []
  expect(card).toMatchObject({ displayName: 'Ann; "A,B"\nTEL:1' })
  expect((card as { vcard: string }).vcard.split('\n')).toEqual([
    'BEGIN:VCARD',
    'VERSION:3.0',
    'N:;Ann\\; "A\\,B"\\nTEL:1;;;',
    'FN:Ann\\; "A\\,B"\\nTEL:1',
    'ORG:A\\\\B',
    'TEL;type=CELL;waid=4915112345678:+4915112345678',
    'END:VCARD',
  ])
})

test('a vCard is known by the name in it, however it is written', () => {
  const named = (line: string) => {
    const contacts = [{ vcard: `BEGIN:VCARD\r\nVERSION:3.0\r\n${line}\r\nEND:VCARD` }]
    return toLibrary({ type: 'contact', contacts }).cards?.[0]
  }
  expect(named('FN:Ann')).toMatchObject({ displayName: 'Ann' })
  expect(named('FN;CHARSET=UTF-8:Ann\\, B\r\n erta')).toMatchObject({ displayName: 'Ann, Berta' })
})
