import { expect, it } from 'vitest'
import { readCommands } from '../../bench/resp-commands.ts'

const WIRE = Buffer.from('*2\r\n$3\r\nGET\r\n$4\r\nk\r\ne\r\n*1\r\n$4\r\nPING\r\n')

it('reads every command, line ends inside of a word included', () => {
  expect(readCommands(WIRE).commands).toEqual([['GET', 'k\r\ne'], ['PING']])
})

it('loses no command, wherever the wire cuts it', () => {
  for (let cut = 0; cut <= WIRE.length; cut++) {
    const first = readCommands(WIRE.subarray(0, cut))
    const second = readCommands(Buffer.concat([first.rest, WIRE.subarray(cut)]))
    expect([...first.commands, ...second.commands]).toEqual([['GET', 'k\r\ne'], ['PING']])
    expect(second.rest.length).toBe(0)
  }
})
