import { keys } from '@wsg/shared/redis/keys.ts'
import { waitFor } from '../../support/wait-for.ts'
import { median, spread } from '../figures.ts'
import type { BenchSetting, ChapterResult, Finding } from '../finding.ts'
import { Ground } from '../ground.ts'
import { phone } from '../phones.ts'
import { RawSession } from '../raw-session.ts'

const POLL = { everyMs: 5 }

/** From the request to a QR code, and from a restart to `ready`, in processes that did nothing before. */
export async function start({ quick, note }: BenchSetting): Promise<ChapterResult> {
  const rounds = quick ? 2 : 7
  await using ground = await Ground.start()
  const caller = ground.caller()
  const qr = { ours: [] as number[], theirs: [] as number[] }
  const restart = { ours: [] as number[], theirs: [] as number[] }

  const ours = async (round: number) => {
    const session = `start-${round}`
    const worker = await ground.startWorker()
    await ground.untilIdle(1)
    const since = performance.now()
    const { body } = await caller.get('/qr', session)
    qr.ours.push(performance.now() - since)
    const { code } = JSON.parse(body) as { code?: string }
    if (code === undefined) throw new Error(`there was no code: ${body.slice(0, 200)}`)
    await ground.scan(session, code, phone(round))
    restart.ours.push(await restarted(session))
    await worker.stop()
    await caller.post('/session/stop', session, {})
  }
  const restarted = async (session: string) => {
    const connectedAt = () => ground.redis.hmget(keys.session(session), 'connectedAt', 'status')
    const [before] = await connectedAt()
    const since = performance.now()
    await caller.post('/session/restart', session, {})
    await waitFor(
      `${session} to be ready again`,
      async () => {
        const [at, status] = await connectedAt()
        return at !== before && status === 'ready'
      },
      POLL,
    )
    return performance.now() - since
  }
  let stuck = 0
  const theirs = async (round: number): Promise<void> => {
    await using raw = await RawSession.start(ground.simulator)
    try {
      const qrMs = await raw.untilQr()
      await raw.scan(phone(1_000 + round))
      restart.theirs.push(await raw.restart())
      qr.theirs.push(qrMs)
    } catch (error) {
      // The stock library misses a sync that comes before it listens, and is never ready: the round is repeated.
      stuck += 1
      note(String(error))
      if (stuck > rounds) throw error
      await theirs(round)
    }
  }

  for (let round = 0; round < rounds; round++) {
    note(`round ${round + 1} of ${rounds}`)
    if (round % 2 === 0) await ours(round)
    await theirs(round)
    if (round % 2 === 1) await ours(round)
  }
  return {
    findings: [
      { what: 'request to QR code, idle worker', ...compared(qr) },
      { what: 'restart to ready', ...compared(restart) },
      ...(stuck > 0 ? [neverReady(stuck)] : []),
    ],
  }
}

function neverReady(times: number): Finding {
  return {
    what: 'starts that never became ready',
    ours: '0',
    baseline: `${times} raw, repeated`,
    figure: 0,
    unit: '',
  }
}

function compared({ ours, theirs }: { ours: number[]; theirs: number[] }) {
  const ratios = ours.map((ms, round) => ms / (theirs[round] as number))
  return {
    ours: `${median(ours).toFixed(0)} ms`,
    baseline: `${median(theirs).toFixed(0)} ms raw`,
    figure: median(ratios),
    unit: '×' as const,
    budget: { atMost: 1.5 },
    note: spread(ratios),
  }
}
