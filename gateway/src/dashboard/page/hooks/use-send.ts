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
      if (error instanceof ApiProblem && isAnswer(error)) unanswered.current = null
      throw error
    }
  }
}

/** It was refused, or was accepted and ended so: asked again it is another message. */
function isAnswer({ status, body }: ApiProblem): boolean {
  return (status >= 400 && status < 500) || body.messageStatus !== undefined
}

/** `crypto.randomUUID` is there under https and on localhost alone. */
function newKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}
