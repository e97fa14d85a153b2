import {
  becomesTrue,
  changeInTurn,
  confirmed,
  onceShown,
  readBack,
} from '@wsg/worker/src/whatsapp/page/operations/answers.ts'
import { oneByOne } from '@wsg/worker/src/whatsapp/page/operations/group-people.ts'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { openFakePage } from './fake-page.ts'

afterEach(() => {
  vi.unstubAllGlobals()
})

const refused = (status: number, text: string) =>
  Object.assign(new Error(text), { name: 'ServerStatusCodeError', status })
const inTime = () => Date.now() + 60_000

describe('one change', () => {
  const socket = { state: 'CONNECTED' }
  const change = (act: () => Promise<unknown>, isDone?: () => boolean) => {
    socket.state = 'CONNECTED'
    openFakePage({ WAWebSocketModel: { Socket: socket } }, { sessionGatewayKit: { becomesTrue, onceShown } })
    return confirmed({ act, ...(isDone && { isDone }), deadline: Date.now() + 500 }, () => 'as it is now')
  }

  it('is made once, and not where the page shows it already', async () => {
    const act = vi.fn(async () => {})
    expect(await change(act, () => act.mock.calls.length > 0)).toEqual({ output: 'as it is now' })
    expect(await change(act, () => true)).toEqual({ output: 'as it is now' })
    expect(act).toHaveBeenCalledOnce()
    expect(await change(act)).toEqual({ output: 'as it is now' })
  })

  it('may be made later where the page does not show it in time', async () => {
    expect(
      await change(
        async () => {},
        () => false,
      ),
    ).toEqual({ pending: true })
  })

  it.each([
    ['said no', async () => false, 'WhatsApp Web said false.'],
    ['said what went wrong', async () => ({ messageSendResult: 'ERROR' }), 'WhatsApp Web said ERROR.'],
    ['threw', () => Promise.reject(new TypeError('no')), 'WhatsApp Web threw TypeError: no'],
  ])(
    'is not confirmed, and over unless the connection was lost, where WhatsApp Web %s',
    async (_what, act, detail) => {
      expect(await change(act, () => false)).toEqual({ refused: 'not_confirmed', detail })
      const actAndDisconnect = () => {
        socket.state = 'OPENING'
        return act()
      }
      expect(await change(actAndDisconnect, () => false)).toEqual({ pending: true })
    },
  )
})

describe('several changes', () => {
  const made: string[] = []
  const make = (name: string) => async () => void made.push(name)

  it('are made in turn, without those that were not asked for', async () => {
    made.length = 0
    const changes = {
      subject: make('subject'),
      description: undefined,
      onlyAdminsSend: make('onlyAdminsSend'),
    }
    expect(await changeInTurn(changes, inTime())).toBeUndefined()
    expect(made).toEqual(['subject', 'onlyAdminsSend'])
  })

  it('end at the one that is refused, and the caller is told what was changed before and what was not tried', async () => {
    made.length = 0
    const fail = () => Promise.reject(refused(406, 'not-acceptable'))
    const changes = { subject: make('subject'), description: fail, onlyAdminsSend: make('onlyAdminsSend') }
    expect(await changeInTurn(changes, inTime())).toEqual({
      refused: 'whatsapp_refused',
      detail:
        'WhatsApp refused description: 406 not-acceptable. Changed before that: subject. Not tried: onlyAdminsSend.',
    })
    expect(made).toEqual(['subject'])
    expect(await changeInTurn({ name: fail }, inTime())).toEqual({
      refused: 'whatsapp_refused',
      detail: 'WhatsApp refused name: 406 not-acceptable.',
    })
  })

  it('end at the one that WhatsApp Web fails at, of which it is not known whether it was made', async () => {
    const fail = () => Promise.reject(new TypeError('no such thing'))
    expect(await changeInTurn({ name: make('name'), about: fail }, inTime())).toEqual({
      refused: 'not_confirmed',
      detail:
        'WhatsApp Web threw TypeError: no such thing at about, which may have been changed. Changed before that: name.',
    })
  })

  it('are not begun after the deadline', async () => {
    made.length = 0
    expect(await changeInTurn({ name: make('name') }, Date.now() - 1)).toMatchObject({
      refused: 'not_confirmed',
      detail: 'There was no time left for name.',
    })
    expect(made).toEqual([])
  })
})

it('what was done stays done where it cannot be read afterwards', async () => {
  expect(await readBack('The name was changed.', async () => 'Shop')).toEqual({ output: 'Shop' })
  expect(
    await readBack('The name was changed.', () => Promise.reject(refused(500, 'internal-server-error'))),
  ).toEqual({
    refused: 'not_confirmed',
    detail:
      'The name was changed. WhatsApp Web could not show what came of it: ServerStatusCodeError: internal-server-error',
  })
})

describe('what is done with people', () => {
  const done = async (person: string) => ({ person, done: true, code: 200 })
  const fails = (error: Error) => () => Promise.reject(error)
  const how = () => ({ deadline: inTime(), betweenMs: 0 })

  it('has a result for each, whatever became of the others', async () => {
    const steps = [
      { person: '1', run: done },
      { person: '2', run: fails(refused(403, 'forbidden')) },
      { person: '3', run: fails(new TypeError('no such thing')) },
      { person: '4', run: done },
    ]
    expect(await oneByOne(steps, how())).toEqual([
      { person: '1', done: true, code: 200 },
      { person: '2', done: false, code: 403 },
      { person: '3', done: false, code: -1 },
      { person: '4', done: true, code: 200 },
    ])
  })

  it('is told as it failed where that was before anything else', async () => {
    await expect(oneByOne([{ person: '1', run: fails(new TypeError('no')) }], how())).rejects.toThrow('no')
  })

  it('is not begun where too little time is left', async () => {
    const steps = [{ person: '1', run: done }]
    expect(await oneByOne(steps, { deadline: Date.now() + 1_000, betweenMs: 0 })).toEqual([
      { person: '1', done: false, code: 0 },
    ])
  })
})
