import type { ErrorCode } from '@wsg/shared/errors.ts'
import type { Chat } from '../page-globals.ts'
import type { Message } from './messages.ts'
import type { Binding } from './page-operation.ts'

/** What an operation may be carried out on, as the page has it. */
export interface SubjectModels {
  chat: Chat
  message: Message
}
export type Subject = keyof SubjectModels

/** How each is found: the field of the input that names it, our function of the page that finds it, and what that needs. */
export const subjects = {
  chat: {
    field: 'chatId',
    find: 'findChat',
    needs: [
      'WAWebCollections.Chat.get',
      'WAWebWidFactory.createWid',
      'WAWebApiContact.getCurrentLid',
      'WAWebApiContact.getPhoneNumber',
    ],
    absent: 'chat_not_found',
  },
  message: {
    field: 'id',
    find: 'findAnyMessage',
    needs: [
      'WAWebCollections.Msg.get',
      'WAWebCollections.Msg.getMessagesById',
      'WAWebCollections.Msg.getModelsArray',
      'WAWebCollections.Chat.get',
      'WAWebCollections.Chat.getModelsArray',
      'WAWebWidFactory.createWid',
      'WAWebApiContact.getCurrentLid',
      'WAWebApiContact.getPhoneNumber',
      'WAWebUserPrefsMeUser.getMaybeMeLidUser',
      'WAWebUserPrefsMeUser.getMaybeMePnUser',
    ],
    absent: 'message_not_found',
  },
} as const satisfies Record<
  Subject,
  { field: string; find: string; needs: readonly Binding[]; absent: ErrorCode }
>
