import { hash, randomBytes } from 'node:crypto'

/** The SHA-256 of a token, 32 bytes: all that is kept of it. */
export function digestOf(token: string): Buffer {
  return hash('sha256', token, 'buffer')
}

/** A new token of 256 random bits. */
export function newToken(): string {
  return `wsg_${randomBytes(32).toString('base64url')}`
}
