import { judgeFile, messageKinds } from '@wsg/shared/messages/kinds/message-kinds.ts'
import { supportedMimeTypes } from 'file-type'
import { expect, it } from 'vitest'

it.each([
  ['image', 'image/jpeg', 'fits'],
  ['image', 'image/heic', 'convertible'],
  ['image', 'image/bmp', 'convertible'],
  ['image', 'application/pdf', 'refused'],
  ['image', 'video/mp4', 'refused'],
  ['video', 'video/mp4', 'fits'],
  ['video', 'video/quicktime', 'convertible'],
  ['video', 'image/gif', 'convertible'],
  ['video', 'image/jpeg', 'refused'],
  ['voice', 'audio/ogg; codecs=opus', 'fits'],
  ['voice', 'audio/ogg', 'convertible'],
  ['voice', 'audio/wav', 'convertible'],
  ['voice', 'video/webm', 'convertible'],
  ['voice', 'image/png', 'refused'],
  ['audio', 'audio/mpeg', 'fits'],
  ['audio', 'audio/ogg; codecs=opus', 'fits'],
  ['audio', 'video/quicktime', 'refused'],
  ['sticker', 'image/webp', 'fits'],
  ['sticker', 'image/heic', 'refused'],
  ['document', 'application/x-msdownload', 'fits'],
] as const)('a file for %s that is %s: %s', (type, mimetype, verdict) => {
  expect(judgeFile(type, mimetype).verdict).toBe(verdict)
})

it('every type that a kind takes or has converted is one that bytes tell, so that none is believed', () => {
  const kinds: readonly { mimetypes?: readonly string[]; convertible?: readonly string[] }[] = messageKinds
  const named = kinds.flatMap(({ mimetypes = [], convertible = [] }) => [...mimetypes, ...convertible])
  expect(named.filter((one) => !supportedMimeTypes.has(one as never))).toEqual([])
})
