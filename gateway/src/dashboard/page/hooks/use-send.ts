import { useRef } from 'preact/hooks'
import type { SendAnswer } from '../../../messages/message-answer.ts'
import { ApiProblem } from '../api/api.ts'
import { useApp } from '../context.ts'

/** Sends a message. Asked again after an answer that was lost, the same request is the same message. */
export function useSend(session: string): (body: object) => Promise<SendAnswer> {
  const { api } = useApp()
  const unanswered = useRef<{ asked: string; key: string } | null>(null)
  return async (body) => {
    const asked = JSON.stringify(body)
    const key = unanswered.current?.asked === asked ? unanswered.current.key : newKey()
    unanswered.current = { asked, key }
    try {
      const headers = { 'idempotency-key': key }
      const answer = await api.ask<SendAnswer>('/send', { method: 'POST', session, body, headers })
      unanswered.current = null
      return answer
    } catch (error) {
      const isRefused = error instanceof ApiProblem && error.status >= 400 && error.status < 500
      if (isRefused) unanswered.current = null
      throw error
    }
  }
}

/** `crypto.randomUUID` is there under https and on localhost alone. */
function newKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}
