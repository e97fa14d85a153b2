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
