import { describeProfile } from './account.ts'
import { becomesTrue, changeInTurn, chatOnce, confirmed, onceShown, pageOf, readBack } from './answers.ts'
import { describeChannel, findChannel, muteChannel, readBackChannel } from './channels.ts'
import { historyOf } from './chat-history.ts'
import { describeChat, findChat } from './chats.ts'
import { ofValidInvite } from './group-invites.ts'
import { oneByOne } from './group-people.ts'
import {
  describeGroup,
  describeGroupDetails,
  describeMember,
  findGroup,
  isAdminOf,
  roleOf,
} from './groups.ts'
import { labelsOfAccount } from './labels.ts'
import { identitiesOf } from './message-facts.ts'
import { chatOf, nameMessage, setStarred } from './messages.ts'
import { describeContact, describePerson, findContact, isBlocked } from './people.ts'
import { changePicture, changePictureOfChannel, pictureOfGroup, squareOf } from './pictures.ts'

/** What operations have in common inside of the page: how what they are about is found and told. Each finds the others in the kit. */
export const sharedFunctions = {
  findChat,
  findContact,
  findGroup,
  findChannel,
  describeChannel,
  describeChat,
  describeProfile,
  labelsOfAccount,
  describePerson,
  describeContact,
  describeGroup,
  describeGroupDetails,
  describeMember,
  roleOf,
  isBlocked,
  isAdminOf,
  oneByOne,
  ofValidInvite,
  historyOf,
  muteChannel,
  readBackChannel,
  squareOf,
  changePicture,
  changePictureOfChannel,
  pictureOfGroup,
  identitiesOf,
  nameMessage,
  chatOf,
  setStarred,
  onceShown,
  chatOnce,
  becomesTrue,
  confirmed,
  changeInTurn,
  readBack,
  pageOf,
}
