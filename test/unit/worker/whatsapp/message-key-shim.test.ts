import { shimMessageKeys } from '@wsg/worker/src/whatsapp/page/message-key-shim.ts'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { msgKeyClass, openFakePage } from './fake-page.ts'

afterEach(() => {
  vi.unstubAllGlobals()
})

describe.each(['_serialized', '$1'] as const)('on a page whose keys keep their text in %s', (field) => {
  test('every key has its text in _serialized, made before or after', () => {
    const MsgKey = msgKeyClass(field)
    const before = new MsgKey({ from: 'me', to: 'ann', id: 'A1' })
    openFakePage({ WAWebMsgKey: MsgKey })
    shimMessageKeys()
    shimMessageKeys()
    const after = new MsgKey({ from: 'me', to: 'bob', id: 'B2' })
    expect(before._serialized).toBe('true_ann_A1')
    expect(after._serialized).toBe('true_bob_B2')
    expect(String(after)).toBe('true_bob_B2')
  })

  test('a model that goes to Node carries it, in every key that it has', () => {
    const MsgKey = msgKeyClass(field)
    const id = new MsgKey({ from: 'me', to: 'ann', id: 'A1' })
    const protocolMessageKey = new MsgKey({ from: 'me', to: 'ann', id: 'B2' })
    // As the library makes it: a plain copy, which loses what is inherited.
    const getMessageModel = () => ({ id: { ...id, remote: 'ann' }, protocolMessageKey, body: 'hello' })
    const WWebJS = { getMessageModel }
    openFakePage({ WAWebMsgKey: MsgKey }, { WWebJS })
    shimMessageKeys()
    shimMessageKeys()
    const model = (WWebJS.getMessageModel as (message: object) => object)({ id })
    expect(structuredClone(model)).toMatchObject({
      id: { _serialized: 'true_ann_A1', remote: 'ann' },
      protocolMessageKey: { _serialized: 'true_ann_B2' },
      body: 'hello',
    })
  })
})
