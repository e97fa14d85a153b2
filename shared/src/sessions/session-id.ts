/** What a session may be called: the guide's rule, 1 to 50 of `a-z A-Z 0-9 - _`. Case matters. */
export const SESSION_ID_PATTERN = /^[A-Za-z0-9_-]{1,50}$/

export function isSessionId(value: string): boolean {
  return SESSION_ID_PATTERN.test(value)
}
