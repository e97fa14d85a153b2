import { z } from 'zod'

/** For requests that say all with their address and headers: a body may be absent or `{}`. */
export const noBody = z.strictObject({}).nullish()
