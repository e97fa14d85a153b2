import type { HandOver, MsgKey, PageGlobals, PageModules, SendResult, Wid } from '../page-globals.ts'
import type { PageMessage, PageSendOutcome } from './send-message.ts'

interface StatusData {
  id: MsgKey
}

/** `leaves` is ours: it is called in the turn in which the page begins to post the text, and makes its key. */
interface TextStatus {
  text: string
  leaves?: (remote: Wid, poster: Wid | undefined) => MsgKey
}

type CreateTextStatus = (status: TextStatus, ...others: unknown[]) => Promise<StatusData | null>

interface StatusModules extends Omit<PageModules, 'WAWebMsgKey'> {
  WAWebMsgKey: new (parts: { fromMe: true; remote: Wid; id: string; participant?: Wid | undefined }) => MsgKey
  WAWebStatusMsgDataUtils: {
    createTextStatusMsgData: CreateTextStatus & { guardedBySessionGateway?: true }
  }
  WAWebSendStatusMsgAction: {
    sendStatusTextMsgAction(status: TextStatus): Promise<SendResult | undefined>
    sendStatusMediaMsgAction(data: object, beforeSend: () => unknown): Promise<SendResult | undefined>
  }
}

/** Runs in the page: posts a text or a file as the account's status, to whom its privacy settings say. */
export async function postStatus(given: PageMessage, handOver: HandOver): Promise<PageSendOutcome> {
  const page = window as unknown as PageGlobals<StatusModules>
  const kit = page.sessionGatewayKit
  const taken = Promise.withResolvers<void>()
  const result = Promise.withResolvers<SendResult | undefined>()
  // Nobody listens where it was not taken over.
  result.promise.catch(() => {})
  handOver.isPost = true

  const keyFor = (remote: Wid, participant: Wid | undefined): MsgKey =>
    new (page.require('WAWebMsgKey'))({ fromMe: true, remote, id: given.messageId, participant })

  const leaves = (): void => {
    kit.takeOver(handOver)
    void kit.followSend(handOver, Promise.resolve([Promise.resolve(undefined), result.promise]))
    taken.resolve()
  }

  /** The page makes the key of a text itself, in a function that it finds by its name as we do. */
  const postText = (): Promise<SendResult | undefined> => {
    const utils = page.require('WAWebStatusMsgDataUtils')
    const stock = utils.createTextStatusMsgData
    if (!stock.guardedBySessionGateway) {
      const guarded: typeof stock = async (status, ...others) => {
        const data = await stock.call(utils, status, ...others)
        return data && status.leaves
          ? { ...data, id: status.leaves(data.id.remote, data.id.participant) }
          : data
      }
      guarded.guardedBySessionGateway = true
      utils.createTextStatusMsgData = guarded
      if (!utils.createTextStatusMsgData.guardedBySessionGateway)
        throw new Error('the page does not let itself be guarded')
    }
    return page.require('WAWebSendStatusMsgAction').sendStatusTextMsgAction({
      text: given.body,
      leaves: (remote, poster) => {
        const key = keyFor(remote, poster)
        handOver.fullId = key.toString()
        leaves()
        return key
      },
    })
  }

  const postFile = ({ body, fields }: { body: string | undefined; fields: object }) => {
    const to = page.require('WAWebWidFactory').createWid(given.chatId)
    const me = page.require('WAWebUserPrefsMeUser').getMaybeMePnUser()
    const own = Object.entries(fields).filter(([name]) => !name.startsWith('__x_'))
    const data = {
      ...{ ...Object.fromEntries(own), caption: given.options.caption },
      ...{ id: keyFor(to, me), from: me, to, author: me, body, ack: 0, self: 'out', local: true },
      ...{ isNewMsg: true, t: Math.floor(Date.now() / 1_000) },
      messageSecret: crypto.getRandomValues(new Uint8Array(32)),
    }
    handOver.fullId = data.id.toString()
    // Older builds take it and `beforeSend` one after the other, newer ones in one object. What is copied of it is the same.
    Object.defineProperties(data, { mediaMsgData: { value: data }, beforeSend: { value: leaves } })
    return page.require('WAWebSendStatusMsgAction').sendStatusMediaMsgAction(data, leaves)
  }

  const media = kit.preparedMedia.get(given.messageId)
  const posting = media ? postFile(media) : postText()
  posting.then(result.resolve, result.reject)
  const ended = posting.then((said) => {
    if (handOver.stage !== 'handed_over') throw new Error(`it was not posted: ${said?.messageSendResult}`)
  })
  await Promise.race([taken.promise, ended])
  return { outcome: 'handed_over', messageId: handOver.fullId }
}
