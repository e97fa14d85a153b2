import type { z } from 'zod'
import { pairingRequest } from './pairing-request.ts'
import { qrGet } from './qr-get.ts'
import { screenshotTake } from './screenshot-take.ts'
import { sessionRestart } from './session-restart.ts'
import { statusProbe } from './status-probe.ts'

const entries = [qrGet, pairingRequest, screenshotTake, sessionRestart, statusProbe] as const

type Entry = (typeof entries)[number]
export type OperationName = Entry['name']
type OperationOf<N extends OperationName> = Extract<Entry, { name: N }>
/** What the worker gets. */
export type OperationInput<N extends OperationName> = z.output<OperationOf<N>['input']>
/** What the worker answers. */
export type OperationOutput<N extends OperationName> = z.output<OperationOf<N>['output']>

/** Every operation by its name. */
export const operations = Object.fromEntries(entries.map((entry) => [entry.name, entry])) as {
  [N in OperationName]: OperationOf<N>
}
export const operationNames = entries.map(({ name }) => name)
