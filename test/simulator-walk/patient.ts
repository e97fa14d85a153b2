/** How long a condition is waited for, by `vi.waitFor`: long enough for a machine that is busy with something else. */
export const patient = { timeout: 60_000, interval: 25 }
