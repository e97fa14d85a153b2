import { operations } from '@wsg/shared/operations/operations.ts'
import { describe, expect, it } from 'vitest'

describe('a reaction', () => {
  const isTaken = (emoji: string) =>
    operations['message.react'].input.safeParse({
      id: 'true_5511999887766@c.us_3EB0C767D097B7C3F2A1B4',
      emoji,
    }).success

  it.each(['👍', '👍🏽', '❤', '❤\ufe0f', '👨‍👩‍👧', '🇧🇷', '1\ufe0f\u20e3', ''])('may be «%s»', (emoji) => {
    expect(isTaken(emoji)).toBe(true)
  })

  it.each(['ab', 'a', '👍👍', '❤️🎉', ' ', '👍 '])('may not be «%s»', (emoji) => {
    expect(isTaken(emoji)).toBe(false)
  })
})
