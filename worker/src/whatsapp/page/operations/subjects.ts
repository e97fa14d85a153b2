import type { ErrorCode } from '@wsg/shared/errors.ts'
import type { Chat } from '../page-globals.ts'
import type { Channel } from './channels.ts'
import type { Group } from './groups.ts'
import type { Message } from './messages.ts'
import type { Binding } from './page-operation.ts'
import type { Contact } from './people.ts'

/** What an operation may be carried out on, as the page has it. */
export interface SubjectModels {
  chat: Chat
  message: Message
  contact: Contact
  group: Group
  channel: Channel
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
    mayBeNumber: true,
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
  contact: {
    field: 'contactId',
    find: 'findContact',
    needs: [
      'WAWebCollections.Contact.get',
      'WAWebCollections.Contact.find',
      'WAWebWidFactory.createWid',
      'WAWebApiContact.getCurrentLid',
      'WAWebApiContact.getPhoneNumber',
    ],
    absent: 'contact_not_found',
    mayBeNumber: true,
  },
  group: {
    field: 'groupId',
    find: 'findGroup',
    needs: [
      'WAWebCollections.Chat.get',
      'WAWebWidFactory.createWid',
      'WAWebUserPrefsMeUser.getMaybeMeLidUser',
      'WAWebUserPrefsMeUser.getMaybeMePnUser',
      'WAWebApiContact.getCurrentLid',
      'WAWebApiContact.getPhoneNumber',
    ],
    absent: 'not_in_group',
  },
  channel: {
    field: 'channelId',
    find: 'findChannel',
    needs: [
      'WAWebCollections.WAWebNewsletterCollection.get',
      'WAWebCollections.WAWebNewsletterCollection.find',
      'WAWebCollections.NewsletterMetadataCollection.update or WAWebCollections.WAWebNewsletterMetadataCollection.update',
      'WAWebLoadNewsletterPreviewChatAction.loadNewsletterPreviewChat',
      'WAWebWidFactory.createWid',
    ],
    absent: 'chat_not_found',
  },
} as const satisfies Record<
  Subject,
  {
    field: string
    find: string
    needs: readonly Binding[]
    absent: ErrorCode
    /** It may be named by a number, which the server may know otherwise than the page. */
    mayBeNumber?: true
  }
>
