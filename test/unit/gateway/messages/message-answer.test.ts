import { messageParams } from '@wsg/gateway/src/messages/message-answer.ts'
import { expect, test } from 'vitest'

const ID = '3EB00123456789ABCDEF01'

test.each([ID, `true_5511999887766@c.us_${ID}`, `true_120363021033254949@g.us_${ID}_84512345678901@lid`])(
  '%s names our message',
  (id) => {
    expect(messageParams.parse({ id })).toEqual({ id: ID })
  },
)

test('any other id is looked for as it is', () => {
  expect(messageParams.parse({ id: 'true_x_y' })).toEqual({ id: 'true_x_y' })
})
