import { randomBytes } from 'node:crypto'
import { crashAndRecovery } from './crash.ts'
import { EventLog } from './event-log.ts'
import { pairing, pairingByCode } from './link.ts'
import { messageSteps } from './message-steps.ts'
import { sameIdResend } from './resend.ts'
import type { Ground, Prepared, Step } from './step.ts'

const steps: readonly Step[] = [...messageSteps, crashAndRecovery, pairingByCode, sameIdResend]

export interface SelftestReport {
  ok: boolean
  page: string | null
  /** `not seen`: what the step is about could not be brought about, and nothing is wrong. */
  steps: { name: string; state: 'ok' | 'failed' | 'not seen'; told: string; tookMs: number }[]
  /** The sentences of docs/page.md, and whether they held; null where nothing was seen of them. */
  beliefs: { belief: string; held: boolean | null; step: string }[]
}

/** Walks every step; one that fails keeps none of the others from being tried, but for the first. */
export async function selftest(ground: Ground): Promise<SelftestReport> {
  const { gateway, first, second } = ground
  const report: SelftestReport = { ok: true, page: null, steps: [], beliefs: [] }
  const walk = async ({ name, beliefs, run }: Step, prepared: Prepared): Promise<void> => {
    const startedAt = performance.now()
    ground.note(`${name} …`)
    const { told, unseen, state } = await run(prepared).then(
      ({ told, unseen = [], isNotSeen }) => ({
        ...{ told, unseen },
        state: isNotSeen ? ('not seen' as const) : ('ok' as const),
      }),
      (error: Error) => ({ told: error.message, unseen: [] as readonly string[], state: 'failed' as const }),
    )
    report.steps.push({ name, state, told, tookMs: Math.round(performance.now() - startedAt) })
    for (const belief of beliefs)
      report.beliefs.push({ belief, held: unseen.includes(belief) ? null : state === 'ok', step: name })
    report.ok &&= state !== 'failed'
  }
  const prepared: Prepared = {
    ...ground,
    phones: { first: '', second: '' },
    heard: { first: EventLog.empty(), second: EventLog.empty(), third: null },
    word: randomBytes(4).toString('hex'),
  }
  await walk(pairing, prepared)
  // What the page lacks does not keep the rest from being tried.
  if (prepared.phones.second === '') return report
  const { engine } = (await gateway.get('/status', { session: first })) as { engine?: { page: string } }
  report.page = engine?.page ?? null
  prepared.heard = {
    first: await EventLog.open(gateway, first),
    second: await EventLog.open(gateway, second),
    third: null,
  }
  try {
    for (const step of steps) await walk(step, prepared)
  } finally {
    for (const log of Object.values(prepared.heard)) log?.close()
  }
  return report
}
