import { event } from './event.ts'
import { exampleMessage, messageDataSchema } from './message-data.ts'

export const messageAny = event({
  name: 'message.any',
  sentence:
    "As `message`, and the account's own messages as well, sent through us or on the phone. Who asks for both gets others' messages once, as `message`.",
  data: messageDataSchema,
  example: {
    ...exampleMessage,
    id: '3EB0C767D097B7C3F2A1B4',
    messageId: 'true_5511999887766@c.us_3EB0C767D097B7C3F2A1B4',
    from: { phone: '5511900000000' },
    fromMe: true,
    text: 'Hello',
    reference: 'order-42',
  },
})
