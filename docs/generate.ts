import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { configurationTable } from './configuration-table.ts'
import {
  bindingsTable,
  capabilitiesTable,
  errorsTable,
  eventsTable,
  historyTable,
  kindsTable,
  librarySurfaceTable,
  messageStatesTable,
  metricsTable,
  operationsTable,
  pageTasksTable,
  reasonsTable,
  refusalsTable,
  statesDiagram,
} from './tables.ts'

/** Which document takes which generated part. The parts stand between `<!-- name -->` and `<!-- /name -->`. */
const documents: Record<string, Record<string, () => string>> = {
  'docs/configuration.md': { configuration: configurationTable },
  'ARCHITECTURE.md': { states: statesDiagram },
  'docs/library.md': { surface: librarySurfaceTable, capabilities: capabilitiesTable },
  'docs/sending.md': { kinds: kindsTable },
  'docs/page.md': { 'page-tasks': pageTasksTable, bindings: bindingsTable },
  'docs/reference.md': {
    reasons: reasonsTable,
    history: historyTable,
    'message-states': messageStatesTable,
    refusals: refusalsTable,
    operations: operationsTable,
    events: eventsTable,
    errors: errorsTable,
    metrics: metricsTable,
  },
}

const ROOT = join(import.meta.dirname, '..')

/**
 * The documents as they should be.
 * @throws where a document lacks the place for one of its parts
 */
export function generateDocuments(): { file: string; present: string; generated: string }[] {
  return Object.entries(documents).map(([name, parts]) => {
    const file = join(ROOT, name)
    const present = readFileSync(file, 'utf8')
    let generated = present
    for (const [part, make] of Object.entries(parts)) {
      const place = new RegExp(`(<!-- ${part} -->\\n)[^]*(<!-- /${part} -->)`)
      if (!place.test(generated)) throw new Error(`${name} has no place for ${part}`)
      generated = generated.replace(
        place,
        (_, open: string, close: string) => `${open}\n${make()}\n\n${close}`,
      )
    }
    return { file, present, generated }
  })
}

if (import.meta.main) {
  for (const { file, present, generated } of generateDocuments()) {
    if (present !== generated) writeFileSync(file, generated)
  }
}
