/**
 * What is counted for the whole fleet, as fields of one Redis hash. They are counted inside the scripts that make it
 * happen, so that they cost no round trip and count nothing twice; gateways show them at `/metrics`.
 */

/**
 * How a session came to its next owner after one that never let go of it: `certain` where its death was proven by the
 * lock that it held, `lapsed` where only its lease ran out.
 */
export type Takeover = 'certain' | 'lapsed'

export const figures = {
  takeover: (how: Takeover) => `takeover:${how}`,
} as const
