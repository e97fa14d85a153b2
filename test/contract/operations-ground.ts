import { readFileSync } from 'node:fs'
import { Readable } from 'node:stream'
import {
  type OperationInput,
  type OperationName,
  type OperationOutput,
  operationNames,
  operations,
} from '@wsg/shared/operations/operations.ts'
import type { SessionAccess } from '@wsg/worker/src/operations/handler.ts'
import { handlers } from '@wsg/worker/src/operations/handlers.ts'
import { NumberChecks } from '@wsg/worker/src/operations/number-checks.ts'
import { Reads } from '@wsg/worker/src/operations/reads.ts'
import type { OperationRefused } from '@wsg/worker/src/whatsapp/client-errors.ts'
import type { WhatsAppClient } from '@wsg/worker/src/whatsapp/whatsapp-client.ts'
import { expect, it } from 'vitest'
import type { z } from 'zod'
import { capabilities, type OperationCapabilities } from '../../docs/capabilities.ts'
import type { BuildName } from '../simulator/builds.ts'
import { pair } from './client-steps.ts'
import { type SimulatorHarness, simulatorHarness } from './simulator-harness.ts'

/** The input as a caller writes it. */
type Asked<N extends OperationName> = z.input<
  Extract<(typeof operations)[OperationName], { name: N }>['input']
>

/** One paired account on the simulator, and the worker's operations on it: all between the gateway's check and its answer. */
export interface OperationsGround {
  harness: SimulatorHarness
  client: WhatsAppClient
  /** @throws what the operation throws, and where the answer is not as documented */
  ask<N extends OperationName>(name: N, input: Asked<N>): Promise<OperationOutput<N>>
  /** What became of each operation that was asked for: `done` where it was carried out once, else the code of a refusal. */
  outcomes: Map<OperationName, string>
  /** @returns a picture in the store, as an operation takes one; 3 pixels wide and 2 high */
  picture(): Promise<{ upload: string }>
}

const PNG =
  'iVBORw0KGgoAAAANSUhEUgAAAAMAAAACCAIAAAASFvFNAAAAEElEQVR4nGM4IScHQQxwFgBBAAYZPEVBlgAAAABJRU5ErkJggg=='

/** What a page may take that was just loaded anew, on a machine that is busy. */
const ANSWER_MS = 60_000

export async function operationsGround(
  phone: string,
  settings: Parameters<typeof simulatorHarness>[0],
): Promise<OperationsGround> {
  const harness = await simulatorHarness(settings)
  const client = harness.client('operations')
  await pair(harness, client, phone)
  const session = { client, numbers: new NumberChecks(), reads: new Reads() } as unknown as SessionAccess
  const outcomes: OperationsGround['outcomes'] = new Map()
  return {
    outcomes,
    harness,
    client,
    async picture() {
      const bytes = [Buffer.from(PNG, 'base64')]
      const { id } = await harness.store.put(Readable.from(bytes), {
        maxBytes: 1_000_000,
        untilMs: Date.now() + 60_000,
      })
      return { upload: id }
    },
    async ask(name, input) {
      const entry = operations[name]
      const given = entry.input.parse(input) as OperationInput<typeof name>
      try {
        const answer = await handlers[name](session, given, Date.now() + ANSWER_MS)
        expect(entry.output.parse(answer)).toEqual(answer)
        outcomes.set(name, 'done')
        return answer
      } catch (error) {
        if (!outcomes.has(name))
          outcomes.set(name, (error as Partial<OperationRefused>).code ?? String(error))
        throw error
      }
    },
  }
}

/**
 * The last test of a suite: every operation that its file names was carried out on its build, or refused with 501, as the table in
 * `docs/library.md` says. That all of them are named in such a suite, `unit/capabilities.test.ts` holds.
 */
export function asTheTableSays(file: string, build: BuildName, ground: () => OperationsGround): void {
  it('each of these operations is carried out, or refused with 501, as the table of capabilities says', () => {
    const text = readFileSync(file, 'utf8')
    const named = operationNames.filter((name) => text.includes(`'${name}'`))
    const refused = new Set(
      tableOfCapabilities().flatMap(({ operation, on }) => (on[build] === 'refused' ? [operation] : [])),
    )
    expect(named.map((name) => [name, ground().outcomes.get(name)])).toEqual(
      named.map((name) => [name, refused.has(name) ? 'not_available_in_this_page' : 'done']),
    )
  })
}

let table: OperationCapabilities[] | undefined
function tableOfCapabilities(): OperationCapabilities[] {
  table ??= capabilities()
  return table
}
