import { eventList } from '@wsg/shared/events/events.ts'
import { requestedContentSchema } from '@wsg/shared/messages/kinds/message-kinds.ts'
import { messageStateSentences, messageStates } from '@wsg/shared/messages/message-lifecycle.ts'
import { pacingChangesSchema } from '@wsg/shared/messages/pacing.ts'
import { sendPlanFields } from '@wsg/shared/messages/send-request.ts'
import { deliveryStatuses } from '@wsg/shared/redis/event/webhooks.ts'
import { roles } from '@wsg/shared/roles.ts'
import { sessionStatuses } from '@wsg/shared/sessions/session-lifecycle.ts'
import { z } from 'zod'
import { tokenBodySchema } from '../access/issued-tokens.ts'
import { webhookBodySchema } from '../webhooks/webhook.ts'
import { type FormField, formFields } from './form-fields.ts'

/** What the page has to know of the contract and of this gateway before anybody has signed in. */
export interface Facts {
  sessionStatuses: readonly string[]
  /** With a sentence each. */
  messageStates: { name: string; sentence: string }[]
  messageKinds: { type: string; fields: FormField[] }[]
  /** What may be said of any message beside its content. */
  sendPlan: FormField[]
  pacing: FormField[]
  events: { name: string; sentence: string }[]
  webhook: FormField[]
  deliveryStatuses: readonly string[]
  token: FormField[]
  /** Each may what those before it may. */
  roles: readonly string[]
  /** True in the sandbox: a simulated phone can scan, and write. */
  hasSimulatedPhones: boolean
}

export function factsOf(hasSimulatedPhones: boolean): Facts {
  return {
    sessionStatuses: sessionStatuses.filter((status) => status !== 'not_found'),
    messageStates: messageStates.map((name) => ({ name, sentence: messageStateSentences[name] })),
    messageKinds: requestedContentSchema.options.map((schema) => ({
      type: schema.shape.type.value,
      fields: formFields(schema),
    })),
    sendPlan: formFields(z.object(sendPlanFields)),
    pacing: formFields(pacingChangesSchema),
    events: eventList.map(({ name, sentence }) => ({ name, sentence })),
    webhook: formFields(webhookBodySchema),
    deliveryStatuses,
    token: formFields(tokenBodySchema),
    roles,
    hasSimulatedPhones,
  }
}
