import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ArmedPoints, type CrashPoint, crashPoints } from '../crash/armed-points.ts'
import { type Promised, readCrashTable } from '../crash/crash-table.ts'
import { type BuildName, buildNames } from '../simulator/builds.ts'
import { isAlive, rendererOn } from '../support/processes.ts'
import { kill, Stack } from '../support/stack.ts'
import { onEveryBuild, phoneOf } from '../support/tested-builds.ts'
import { waitFor } from '../support/wait-for.ts'

const CUSTOMER = '5511999887766'

const killedFromOutside = ['worker_killed', 'browser_killed', 'renderer_killed'] as const
type Death = CrashPoint | (typeof killedFromOutside)[number]

const deaths: readonly Death[] = [...crashPoints, ...killedFromOutside]
const withoutAck: readonly Death[] = ['after_page_send', ...killedFromOutside]

/** Each death on two of the builds, and on all three between the two settings; `npm run test:builds` for all on each. */
function deathsOn(build: BuildName, resend: 'never' | 'same-id'): readonly Death[] {
  if (onEveryBuild) return deaths
  const left = buildNames.indexOf(build) + (resend === 'never' ? 0 : 1)
  return deaths.filter((_, i) => i % buildNames.length !== left % buildNames.length)
}

const table = readCrashTable()

/** One red pixel: every second message is an image. */
const PNG = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGP4z8AAAAMBAQDJ/pLvAAAAAElFTkSuQmCC'

/** What a death strikes: each strikes texts and images, on different builds. */
function contentOf(build: BuildName, death: Death, text: string): string | object {
  const isImage = (deaths.indexOf(death) + buildNames.indexOf(build)) % 2 === 0
  return isImage ? { type: 'image', media: { data: PNG }, caption: text } : text
}

interface Happened {
  record: string
  copies: number
  delivered: number
  answer: { status: number; code: unknown; messageStatus: unknown }
}

/** One product and its WhatsApp, in which one death follows the other. */
class Ground {
  readonly stack: Stack
  readonly #points: ArmedPoints
  readonly #folder: string
  #sent = 0

  private constructor(stack: Stack, points: ArmedPoints, folder: string) {
    this.stack = stack
    this.#points = points
    this.#folder = folder
  }

  static async start(resend: 'never' | 'same-id', dedupe: boolean): Promise<Ground> {
    const folder = await mkdtemp(join(tmpdir(), 'crash-table-'))
    const points = new ArmedPoints(folder)
    const stack = await Stack.start({
      simulator: { dedupe },
      env: { RESEND_AFTER_CRASH: resend, ...points.environment },
    })
    return new Ground(stack, points, folder)
  }

  async close(): Promise<void> {
    await this.stack.close()
    await rm(this.#folder, { recursive: true, force: true })
  }

  /** Sends one message that something dies under, and tells what became of it once the session is back. */
  async dieWhileSending(build: BuildName, death: Death): Promise<Happened> {
    const { stack } = this
    const text = `message ${++this.#sent}`
    const browser = stack.browserOf(build).pid
    await stack.simulator.set({ serverAckDelayMs: withoutAck.includes(death) ? 60_000 : 0 })
    const asked = this.#strike(build, death, text, browser)
    const { status, body } = await asked
    await stack.untilBack(build, browser)
    const record = await waitFor(`the outcome of ${text}`, async () => {
      const { body: found } = await stack.api.get(`/messages/${body.id}`, build)
      return !['queued', 'sending'].includes(String(found.status)) && String(found.status)
    })
    const [onTheWire] = await this.wire(build, text)
    return {
      record: ['delivered', 'read'].includes(record) ? 'sent' : record,
      copies: onTheWire?.copies ?? 0,
      delivered: onTheWire?.delivered ?? 0,
      answer: { status, code: body.code, messageStatus: body.status },
    }
  }

  async wire(build: BuildName, text?: string) {
    const all = await this.stack.simulator.messages(phoneOf[build], CUSTOMER)
    const textOf = ({ body, extras }: (typeof all)[number]) => extras?.caption ?? body
    return all.filter((message) => text === undefined || textOf(message) === text)
  }

  async #strike(build: BuildName, death: Death, text: string, browser: number) {
    const { stack } = this
    const send = () => stack.api.send(build, CUSTOMER, contentOf(build, death, text))
    if (isPoint(death)) {
      this.#points.arm(death)
      const answer = send()
      await this.#points.untilStruck()
      // A dying browser could still store an ack.
      await waitFor('its browser to be gone', () => !isAlive(browser), { everyMs: 5 })
      await stack.simulator.set({ serverAckDelayMs: 0 })
      return await answer
    }
    const victim = this.#victim(build, death)
    const answer = send()
    await waitFor('it to be on the wire', async () => (await this.wire(build, text)).length > 0, {
      everyMs: 5,
    })
    kill(victim, 'SIGKILL')
    await waitFor('it to be gone', () => !isAlive(victim), { everyMs: 5 })
    await stack.simulator.set({ serverAckDelayMs: 0 })
    return await answer
  }

  #victim(build: BuildName, death: Exclude<Death, CrashPoint>): number {
    if (death === 'worker_killed') return this.stack.workerOf(build).pid
    if (death === 'browser_killed') return this.stack.browserOf(build).pid
    return rendererOn(this.stack.profilePath(build))?.pid ?? Number.NaN
  }
}

function isPoint(death: Death): death is CrashPoint {
  return (crashPoints as readonly Death[]).includes(death)
}

function promised(death: Death): Promised {
  const row = table.get(death)
  if (row === undefined) throw new Error(`the crash table has no row for ${death}`)
  return row
}

/** 200 for what was sent, 502 for what nobody knows; 202 where the waiting was over before. */
function expectTruth({ record, answer }: Happened): void {
  if (answer.status === 202) expect(['queued', 'sending']).toContain(answer.messageStatus)
  else if (record === 'unknown') expect(answer).toMatchObject({ status: 502, code: 'outcome_unknown' })
  else expect(answer.status).toBe(200)
}

it('the crash table has a row for each death, and no other', () => {
  expect([...table.keys()]).toEqual([...crashPoints, ...killedFromOutside])
})

describe.each([
  { resend: 'never', dedupe: false },
  { resend: 'same-id', dedupe: true },
] as const)('RESEND_AFTER_CRASH=$resend', ({ resend, dedupe }) => {
  let ground: Ground

  beforeAll(async () => {
    ground = await Ground.start(resend, dedupe)
  })
  afterAll(async () => {
    await ground.close()
  })

  describe.each(buildNames)('build %s', (build) => {
    beforeAll(async () => {
      await ground.stack.simulator.set({ build, serverAckDelayMs: 0 })
      await ground.stack.pair(build, phoneOf[build])
    })
    afterAll(async () => {
      await ground.stack.api.post('/session/stop', build)
    })

    it.each(deathsOn(build, resend))('keeps what the table promises for %s', async (death) => {
      const happened = await ground.dieWhileSending(build, death)
      const { never, sameId } = promised(death)
      if (resend === 'never') {
        expect(never.record).toContain(happened.record)
        expect(never.copies).toContain(happened.copies)
      } else {
        expect(sameId.record).toContain(happened.record)
        expect(sameId.delivered).toContain(happened.delivered)
      }
      expectTruth(happened)
    })

    it('has called nothing unknown in the end that arrived and of which a receipt came', async () => {
      const arrived = await ground.wire(build)
      await ground.stack.simulator.read(CUSTOMER, phoneOf[build])
      for (const { id } of arrived)
        await waitFor(`${id} to be known`, async () => {
          const { body } = await ground.stack.api.get(`/messages/${id}`, build)
          return body.status !== 'unknown'
        })
    })

    it('has put nothing on the wire or handed it over twice in the end', async () => {
      const counted = resend === 'never' ? 'copies' : 'delivered'
      const all = await ground.wire(build)
      expect(all.length).toBeGreaterThan(0)
      expect(all.filter((message) => message[counted] !== 1)).toEqual([])
    })

    if (!onEveryBuild && (build === 'legacy') !== (resend === 'never')) return

    it('sends nothing twice when its worker dies on an account that WhatsApp treats otherwise', async () => {
      const [lost, failed, plain, refused] = [
        '5511977000001',
        '5511977000002',
        '5511977000003',
        '5511977000004',
      ] as const
      const { stack } = ground
      const browser = stack.browserOf(build).pid
      const switches = {
        nacks: { [refused]: 463 },
        lostAnswers: { [lost]: null, [failed]: 'ERROR_UNKNOWN' },
        mimetypeCheck: true,
      }
      await stack.simulator.set({ serverAckDelayMs: 60_000, accounts: { [phoneOf[build]]: switches } })
      const accept = async (to: string) => {
        const { body } = await stack.api.post(
          '/send',
          build,
          { to, message: 'at the death' },
          { prefer: 'respond-async' },
        )
        return String(body.id)
      }
      const onTheWire = async () =>
        (await stack.simulator.messages(phoneOf[build])).filter(({ body }) => body === 'at the death')
      const becomes = (id: string, ends: readonly string[]) =>
        waitFor(`${id} to be ${ends.join(' or ')}`, async () => {
          const { body } = await stack.api.get(`/messages/${id}`, build)
          if (ends.includes(String(body.status))) return true
          throw new Error(`it is ${JSON.stringify(body)}`)
        })
      const ids = await Promise.all([lost, failed, plain].map(accept))
      await waitFor('those to be there that arrive', async () => (await onTheWire()).length === 3)
      // Last: from then on new chats have to wait.
      await becomes(await accept(refused), ['failed'])
      kill(stack.workerOf(build).pid, 'SIGKILL')
      await stack.simulator.set({ serverAckDelayMs: 0 })
      await stack.untilBack(build, browser)
      for (const to of [lost, failed, plain]) await stack.simulator.read(to, phoneOf[build])
      for (const id of ids) await becomes(id, ['delivered', 'read'])
      const counted = resend === 'never' ? 'copies' : 'delivered'
      expect((await onTheWire()).map((message) => message[counted])).toEqual([1, 1, 1])
    })
  })
})
