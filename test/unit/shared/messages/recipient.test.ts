import { parseRecipient } from '@wsg/shared/messages/recipient.ts'
import { expect, it } from 'vitest'

it.each([
  '5511999887766',
  '+5511999887766',
  '+55 11 99988-7766',
  '+55 (11) 99988.7766',
  '5511999887766@c.us',
  '5511999887766@s.whatsapp.net',
])('reads %s as the same number', (to) => {
  expect(parseRecipient(to)).toEqual({ kind: 'number', digits: '5511999887766' })
})

it.each([
  '120363021033254949@g.us',
  '5511999887766-1500000000@g.us',
  '84512345678901@lid',
  '120363111111111111@newsletter',
])('takes %s as the chat that it names', (to) => {
  expect(parseRecipient(to)).toEqual({ kind: 'chat', chatId: to })
})

it.each([
  '',
  'Alice',
  '12',
  '+',
  '1234567890123456',
  '5511999887766@example.com',
  '../5511@g.us',
  '5511999887766@lid@lid',
  '55119\n99887766x',
])('refuses %j', (to) => {
  expect(parseRecipient(to)).toBeNull()
})
