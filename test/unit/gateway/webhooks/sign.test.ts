import { newSecret, secretBytes, signatureHeaders } from '@wsg/gateway/src/webhooks/sign.ts'
import { Webhook } from 'standardwebhooks'
import { describe, expect, it } from 'vitest'

const body = '{"text":"Olá, 世界 👍🏽"}'

describe('a signature', () => {
  it('is one that the standard library accepts, of either secret during a rotation', () => {
    const [before, after] = [newSecret(), newSecret()]
    const headers = signatureHeaders([after, before], { id: 'evt_1', body, nowMs: Date.now() })
    for (const secret of [before, after])
      expect(new Webhook(secret).verify(body, headers)).toEqual(JSON.parse(body))
    expect(() => new Webhook(newSecret()).verify(body, headers)).toThrow()
    expect(() => new Webhook(after).verify(body.replace('世', '界'), headers)).toThrow()
  })

  it('takes a secret with the prefix or without, and none that is no base64 of 16 to 64 bytes', () => {
    const bytes = Buffer.alloc(24, 7)
    const text = bytes.toString('base64')
    expect(secretBytes(text)).toEqual(bytes)
    expect(secretBytes(`whsec_${text}`)).toEqual(bytes)
    for (const wrong of [
      '',
      'whsec_',
      'whsec_short',
      'my secret',
      'whsec_!!!!',
      Buffer.alloc(65).toString('base64'),
    ])
      expect(secretBytes(wrong)).toBeNull()
    const headers = signatureHeaders([text], { id: 'evt_1', body, nowMs: Date.now() })
    expect(new Webhook(text).verify(body, headers)).toBeTruthy()
  })
})
