/** From this share of its memory limit on a session's browser is replaced as soon as nothing is being sent. */
export const RECYCLE_IDLE_SHARE = 0.8

/** From this share on it is replaced even while messages wait, between two sends. */
export const RECYCLE_NOW_SHARE = 0.9

/** A worker that had said so much of itself when it died is taken to have been killed for its memory. */
export const MEMORY_DEATH_SHARE = 0.9
