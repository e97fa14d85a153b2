import { z } from 'zod'

/** What sending is called among what a missing part of the page concerns. Without it nothing can be sent. */
export const SENDING = 'sending'

/** A part of WhatsApp's page that a session needs and its page does not have. */
export const missingPartSchema = z.object({
  name: z.string().describe('A module of the page, and the way into it.'),
  concerns: z.array(z.string()).describe('What cannot be done, or not in full, without it.'),
})
type MissingPart = z.infer<typeof missingPartSchema>

/** The library and the page that a session works with. */
export interface Engine {
  /** Name and version. */
  library: string
  /** WhatsApp Web's own version. */
  page: string
  missing: MissingPart[]
}

/** What a session's hash keeps of it. */
export interface EngineFields {
  library: string
  page: string
  /** As JSON; absent where nothing is missing. */
  pageMissing: string
  /** The names of what sending needs and does not have; absent where it has all. */
  sendingLacks: string
}

export function toEngineFields({ library, page, missing }: Engine): EngineFields {
  const lacks = missing.filter(({ concerns }) => concerns.includes(SENDING)).map(({ name }) => name)
  return {
    library,
    page,
    pageMissing: missing.length === 0 ? '' : JSON.stringify(missing),
    sendingLacks: lacks.join(', '),
  }
}

/** @returns null where no page has been looked at yet */
export function fromEngineFields({ library, page, pageMissing }: Partial<EngineFields>): Engine | null {
  if (library === undefined || page === undefined) return null
  if (pageMissing === undefined) return { library, page, missing: [] }
  const missing = z.array(missingPartSchema).safeParse(JSON.parse(pageMissing))
  return { library, page, missing: missing.data ?? [] }
}
