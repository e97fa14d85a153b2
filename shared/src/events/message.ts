import { event } from './event.ts'
import { exampleMessage, messageDataSchema } from './message-data.ts'

export const message = event({
  name: 'message',
  sentence: 'Somebody wrote to the account, or to a group of it.',
  data: messageDataSchema,
  example: exampleMessage,
})
