import type { SettledMove } from '@wsg/shared/redis/message/move-message.ts'
import { Receipts } from '@wsg/worker/src/outbox/receipts.ts'
import { expect, it, vi } from 'vitest'

const settle = async () => {
  for (let i = 0; i < 10; i++) await Promise.resolve()
}
const receipt = (messageId: string): SettledMove => ({ messageId, to: 'delivered' })

it('writes what comes in one turn with one command, and what comes meanwhile with the next', async () => {
  const written: string[][] = []
  const answers: (() => void)[] = []
  const receipts = new Receipts(
    {
      moveMany: (noted) => {
        written.push(noted.map(({ messageId }) => messageId))
        return new Promise((resolve) => answers.push(resolve))
      },
    },
    () => {},
  )
  receipts.add(receipt('A'))
  receipts.add(receipt('B'))
  await settle()
  receipts.add(receipt('C'))
  await settle()
  receipts.add(receipt('D'))
  expect(written).toEqual([['A', 'B']])
  answers[0]?.()
  await settle()
  expect(written).toEqual([
    ['A', 'B'],
    ['C', 'D'],
  ])
  let isWritten = false
  const whenWritten = receipts.written().then(() => {
    isWritten = true
  })
  await settle()
  expect(isWritten).toBe(false)
  answers[1]?.()
  await whenWritten
  await receipts.written()
  receipts.add(receipt('E'))
  await settle()
  expect(written.at(-1)).toEqual(['E'])
})

it('says when it cannot write, and goes on with what comes later', async () => {
  const onFailed = vi.fn()
  let written = 0
  const receipts = new Receipts(
    {
      async moveMany() {
        written += 1
        if (written === 1) throw new Error('the lease is lost')
      },
    },
    onFailed,
  )
  receipts.add(receipt('A'))
  await settle()
  expect(onFailed).toHaveBeenCalledTimes(1)
  receipts.add(receipt('B'))
  await settle()
  expect(written).toBe(2)
})
