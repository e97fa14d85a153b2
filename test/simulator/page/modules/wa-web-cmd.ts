import { Emitter } from '../emitter.ts'

/** The page's command bus. Commands that change something are added by the module that carries them out. */
class CmdClass extends Emitter {
  declare refreshQR: () => void

  openChatBottom(): Promise<boolean> {
    return Promise.resolve(true)
  }
  openDrawerMid(): void {}
  chatSearch(): void {}
  openChatAt(): Promise<boolean> {
    return Promise.resolve(true)
  }
  msgInfoDrawer(): void {}
}

export const WAWebCmd = { Cmd: new CmdClass() }
