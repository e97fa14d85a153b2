import { withLogin } from '@wsg/gateway/src/dashboard/page/pages/session/proxy-form.ts'
import { expect, it } from 'vitest'

it('puts the user name and password into the address of a proxy, whatever is in them', () => {
  const proxy = 'http://proxy.example:8080'
  expect(withLogin(proxy, 'me', 'p@ss:/?')).toBe('http://me:p%40ss%3A%2F%3F@proxy.example:8080')
  expect(withLogin(proxy, 'me', '')).toBe('http://me@proxy.example:8080')
  expect(withLogin(proxy, '', '')).toBe(proxy)
  expect(withLogin('http://her:word@proxy.example:8080', 'me', 'mine')).toBe(
    'http://her:word@proxy.example:8080',
  )
  expect(withLogin('proxy.example', 'me', 'mine')).toBe('proxy.example')
})
