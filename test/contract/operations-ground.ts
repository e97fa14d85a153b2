import { Readable } from 'node:stream'
import {
  type OperationInput,
  type OperationName,
  type OperationOutput,
  operations,
} from '@wsg/shared/operations/operations.ts'
import type { SessionAccess } from '@wsg/worker/src/operations/handler.ts'
import { handlers } from '@wsg/worker/src/operations/handlers.ts'
import { NumberChecks } from '@wsg/worker/src/operations/number-checks.ts'
import type { WhatsAppClient } from '@wsg/worker/src/whatsapp/whatsapp-client.ts'
import { expect } from 'vitest'
import type { z } from 'zod'
import { pair } from './client-steps.ts'
import { type SimulatorHarness, simulatorHarness } from './simulator-harness.ts'

export const builds = ['legacy', '2026-07', '2026-09'] as const

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
  /** @returns a picture in the store, as an operation takes one; 3 pixels wide and 2 high */
  picture(): Promise<{ upload: string }>
}

const PNG =
  'iVBORw0KGgoAAAANSUhEUgAAAAMAAAACCAIAAAASFvFNAAAAEElEQVR4nGM4IScHQQxwFgBBAAYZPEVBlgAAAABJRU5ErkJggg=='

const ANSWER_MS = 10_000

export async function operationsGround(
  phone: string,
  settings: Parameters<typeof simulatorHarness>[0],
): Promise<OperationsGround> {
  const harness = await simulatorHarness(settings)
  const client = harness.client('operations')
  await pair(harness, client, phone)
  const session = { client, numbers: new NumberChecks() } as unknown as SessionAccess
  return {
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
      const answer = await handlers[name](
        session,
        entry.input.parse(input) as OperationInput<typeof name>,
        Date.now() + ANSWER_MS,
      )
      expect(entry.output.parse(answer)).toEqual(answer)
      return answer
    },
  }
}
