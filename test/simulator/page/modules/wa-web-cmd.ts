import type { ChatModel } from '../chat-model.ts'
import { Emitter } from '../emitter.ts'
import { passFaults } from '../faults.ts'
import { wireLink } from '../wire-link.ts'

/** The page's command bus. */
class CmdClass extends Emitter {
  /** Whether the offline delivery of this connection is over. */
  isOfflineDeliveryEnd = false

  openChatBottom(): Promise<boolean> {
    return Promise.resolve(true)
  }
  openDrawerMid(): void {}
  chatSearch(): void {}
  openChatAt(): Promise<boolean> {
    return Promise.resolve(true)
  }
  msgInfoDrawer(): void {}
  /** The phone and the other devices of the account archive it as well. */
  async archiveChat(chat: ChatModel, archive: boolean): Promise<void> {
    await passFaults()
    wireLink.send({ t: 'archive', chatId: chat.id.toString(), archived: archive })
    chat.set({ archive })
  }
}

export const WAWebCmd = { Cmd: new CmdClass() }
