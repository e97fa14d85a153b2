import { envelopeSchema } from '@wsg/shared/events/envelope.ts'
import { eventList } from '@wsg/shared/events/events.ts'
import { messageDataSchema } from '@wsg/shared/events/message-data.ts'
import { memberSchema, personSchema } from '@wsg/shared/events/person.ts'
import { messageKinds, requestedContentSchema } from '@wsg/shared/messages/kinds/message-kinds.ts'
import { mediaSchema } from '@wsg/shared/messages/media.ts'
import { pacingChangesSchema, pacingSchema } from '@wsg/shared/messages/pacing.ts'
import { bulkLineSchema, sendRequestSchema } from '@wsg/shared/messages/send-request.ts'
import { profileSchema } from '@wsg/shared/operations/account.ts'
import { channelSchema } from '@wsg/shared/operations/channels.ts'
import { chatSchema } from '@wsg/shared/operations/chats.ts'
import { groupDetailsSchema, groupSchema, resultsSchema } from '@wsg/shared/operations/groups.ts'
import { labelSchema } from '@wsg/shared/operations/labels.ts'
import { contactDetailsSchema, contactSchema, personIdsSchema } from '@wsg/shared/operations/people.ts'
import { z } from 'zod'
import { batchAnswerSchema } from '../batches/batch-answer.ts'
import { problemSchema } from '../http/problem.ts'
import { messageAnswerSchema, sendAnswerSchema } from '../messages/message-answer.ts'
import { queueAnswerSchema } from '../messages/queue-answer.ts'
import { statusSchema } from '../routes/sessions/status.ts'
import { sessionAnswerSchema, sessionDetailsSchema } from '../sessions/session-answer.ts'
import { webhookBodySchema } from '../webhooks/webhook.ts'
import { webhookAnswerSchema } from '../webhooks/webhook-answer.ts'

interface ComponentSchema {
  schema: z.ZodType
  /** Whether callers write it; the gateway does where it is absent. */
  io?: 'input'
}

/** `message.ack` is `MessageAckEvent`. */
const eventSchemas = Object.fromEntries(
  eventList.map(({ name, data, sentence }) => [
    `${pascalCase(name)}Event`,
    { schema: envelopeSchema.extend({ event: z.literal(name), data }).describe(sentence) },
  ]),
)

/**
 * What the OpenAPI document calls by a name instead of repeating it, and what a typed client calls its types. What is part of another
 * comes before it.
 */
export const componentSchemas: Record<string, ComponentSchema> = {
  Problem: { schema: problemSchema },
  Media: { schema: mediaSchema, io: 'input' },
  ...Object.fromEntries(
    messageKinds.map(({ type, schema }) => [
      `${pascalCase(type)}Content`,
      { schema: schema as z.ZodType, io: 'input' as const },
    ]),
  ),
  MessageContent: { schema: requestedContentSchema, io: 'input' },
  SendRequest: { schema: sendRequestSchema, io: 'input' },
  BulkLine: { schema: bulkLineSchema, io: 'input' },
  SendAnswer: { schema: sendAnswerSchema },
  MessageRecord: { schema: messageAnswerSchema },
  Batch: { schema: batchAnswerSchema },
  Queue: { schema: queueAnswerSchema },
  PacingChanges: { schema: pacingChangesSchema, io: 'input' },
  Pacing: { schema: pacingSchema },
  SessionState: { schema: sessionAnswerSchema },
  Session: { schema: sessionDetailsSchema },
  SessionDetails: { schema: statusSchema },
  WebhookRequest: { schema: webhookBodySchema, io: 'input' },
  Webhook: { schema: webhookAnswerSchema },
  Person: { schema: personSchema },
  Member: { schema: memberSchema },
  PersonIds: { schema: personIdsSchema },
  Contact: { schema: contactSchema },
  ContactDetails: { schema: contactDetailsSchema },
  Label: { schema: labelSchema },
  Chat: { schema: chatSchema },
  Channel: { schema: channelSchema },
  Message: { schema: messageDataSchema },
  Group: { schema: groupSchema },
  GroupDetails: { schema: groupDetailsSchema },
  ResultsByPerson: { schema: resultsSchema },
  Profile: { schema: profileSchema },
  ...eventSchemas,
  Event: {
    schema: z
      .discriminatedUnion(
        'event',
        Object.values(eventSchemas).map(({ schema }) => schema) as unknown as [z.ZodObject],
      )
      .describe('What a stream gives, and what is posted to a webhook.'),
  },
}

function pascalCase(name: string): string {
  return name.replaceAll(/(?:^|\W)(\w)/g, (_, letter: string) => letter.toUpperCase())
}
