import { composeHostResolverRules } from '@wsg/worker/src/whatsapp/browser/host-resolver-rules.ts'
import { describe, expect, test } from 'vitest'

const OWN = 'EXCLUDE whatsapp.com, EXCLUDE *.whatsapp.com, EXCLUDE whatsapp.net, EXCLUDE *.whatsapp.net'

describe('the site allow-list', () => {
  test("lets WhatsApp's hosts resolve and nothing else", () => {
    expect(composeHostResolverRules([])).toBe(`${OWN}, MAP * ~NOTFOUND`)
  })

  test('puts a mapping of the operator first and does not exclude what it maps', () => {
    expect(composeHostResolverRules(['MAP web.whatsapp.com 127.0.0.1:4000'])).toBe(
      'MAP web.whatsapp.com 127.0.0.1:4000, EXCLUDE whatsapp.com, EXCLUDE whatsapp.net, EXCLUDE *.whatsapp.net, MAP * ~NOTFOUND',
    )
  })

  test('keeps a wider mapping whole', () => {
    const rules = composeHostResolverRules(['MAP *.whatsapp.net 10.0.0.1 , MAP *.com 10.0.0.2'])
    expect(rules).toBe(
      'MAP *.whatsapp.net 10.0.0.1, MAP *.com 10.0.0.2, EXCLUDE whatsapp.net, MAP * ~NOTFOUND',
    )
  })

  test('can be added to', () => {
    expect(composeHostResolverRules(['EXCLUDE *.example.org'], ['proxy.example'])).toBe(
      `EXCLUDE *.example.org, ${OWN}, EXCLUDE proxy.example, MAP * ~NOTFOUND`,
    )
  })

  test.each(['EXCLUDE *', 'exclude  *.*', 'EXCLUDE **', 'EXCLUDE'])('is not ended by «%s»', (rule) => {
    expect(composeHostResolverRules([rule])).toBe(`${OWN}, MAP * ~NOTFOUND`)
  })
})
