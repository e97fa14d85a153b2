import type { Role } from '@wsg/shared/roles.ts'
import type {
  FastifyBaseLogger,
  FastifyInstance,
  RawReplyDefaultExpression,
  RawRequestDefaultExpression,
  RawServerDefault,
} from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import type { TokenGrant } from './access/grant.ts'

/** The Fastify instance as every plugin and route of the gateway gets it. */
export type GatewayApp = FastifyInstance<
  RawServerDefault,
  RawRequestDefaultExpression,
  RawReplyDefaultExpression,
  FastifyBaseLogger,
  ZodTypeProvider
>

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The role that a route needs; `public` needs no token. Absent counts as `admin`. */
    access?: Role | 'public'
    /**
     * True where the request concerns one session, named by `X-Session-Id`; `optional` where it concerns all of them without that
     * header, which needs a token for all sessions.
     */
    session?: boolean | 'optional'
    /** False where a request that changes something is not in the audit trail. */
    isAudited?: boolean
    /** False where the handler counts the request against the limit of its token. */
    isCounted?: boolean
  }

  interface FastifyRequest {
    /** What the caller's token allows; null on public routes. */
    grant: TokenGrant | null
    /** The checked `X-Session-Id`; empty on routes that do not ask for one. */
    sessionId: string
    /** Of the message that `POST /send` accepted, or found under its Idempotency-Key; empty elsewhere. */
    messageId: string
    /** W3C `traceparent` of its span; undefined where nothing is traced. */
    traceparent: string | undefined
  }
}
