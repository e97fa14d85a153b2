import type { OperationOutput } from '@wsg/shared/operations/operations.ts'
import type { PageGlobals, PageModules, Wid } from '../page-globals.ts'
import { account } from './account.ts'
import type { Channel, EditMetadata } from './channels.ts'
import type { Group } from './groups.ts'
import type { PageAnswer, PageOperations, PageRefusal } from './page-operation.ts'

interface PictureModules extends PageModules {
  WAWebContactProfilePicThumbBridge: PageModules['WAWebContactProfilePicThumbBridge'] & {
    /** Of pictures as `data:` addresses. */
    sendSetPicture(of: Wid, small: string, large: string): Promise<{ status?: number } | undefined>
    requestDeletePicture(of: Wid): Promise<{ status?: number } | undefined>
  }
  WAWebEditNewsletterMetadataAction: { editNewsletterMetadataAction: EditMetadata }
}

const READ = ['WAWebContactProfilePicThumbBridge.requestProfilePicFromServer'] as const
const SET = [...READ, 'WAWebContactProfilePicThumbBridge.sendSetPicture'] as const
const DELETE = [...READ, 'WAWebContactProfilePicThumbBridge.requestDeletePicture'] as const
const EDIT_CHANNEL = ['WAWebEditNewsletterMetadataAction.editNewsletterMetadataAction'] as const

const { needs: PROFILE } = account['profile.get']

export const pictures = {
  'profile.set-picture': {
    needs: [...PROFILE, ...SET],
    run: async (_input, { file, page, kit }) => {
      const me = page.require('WAWebUserPrefsMeUser').getMaybeMePnUser()
      const refused = await kit.changePicture(me, file ?? null)
      return refused ?? (await kit.readBack('The picture was changed.', () => kit.describeProfile()))
    },
  },

  'profile.delete-picture': {
    needs: [...PROFILE, ...DELETE],
    run: async (_input, { page, kit }) => {
      const me = page.require('WAWebUserPrefsMeUser').getMaybeMePnUser()
      const refused = await kit.changePicture(me)
      return refused ?? (await kit.readBack('The picture was changed.', () => kit.describeProfile()))
    },
  },

  'group.picture': {
    on: 'group',
    needs: READ,
    run: async (_input, { group, kit }) => ({ output: await kit.pictureOfGroup(group) }),
  },

  'group.set-picture': {
    on: 'group',
    needs: SET,
    run: async (_input, { group, file, kit }) => {
      if (group.groupMetadata.restrict === true && !kit.isAdminOf(group))
        return { refused: 'not_group_admin' }
      const refused = await kit.changePicture(group.id, file ?? null)
      return refused ?? (await kit.readBack('The picture was changed.', () => kit.pictureOfGroup(group)))
    },
  },

  'group.delete-picture': {
    on: 'group',
    needs: DELETE,
    run: async (_input, { group, kit }) => {
      if (group.groupMetadata.restrict === true && !kit.isAdminOf(group))
        return { refused: 'not_group_admin' }
      const refused = await kit.changePicture(group.id)
      return refused ?? (await kit.readBack('The picture was changed.', () => kit.pictureOfGroup(group)))
    },
  },

  'channel.set-picture': {
    on: 'channel',
    needs: EDIT_CHANNEL,
    run: (_input, { channel, file, kit }) => kit.changePictureOfChannel(channel, file ?? null),
  },

  'channel.delete-picture': {
    on: 'channel',
    needs: EDIT_CHANNEL,
    run: (_input, { channel, kit }) => kit.changePictureOfChannel(channel),
  },
} satisfies PageOperations<PictureModules>

/** Runs in the page. @returns the middle of a picture as a square JPEG, as a `data:` address; null where it is none */
export async function squareOf(file: File | null, pixels: number): Promise<string | null> {
  const image = file && (await createImageBitmap(file).catch(() => null))
  if (!image) return null
  const side = Math.min(image.width, image.height)
  const canvas = Object.assign(document.createElement('canvas'), { width: pixels, height: pixels })
  const context = canvas.getContext('2d') as CanvasRenderingContext2D
  // What is transparent would be black in a JPEG.
  context.fillStyle = 'white'
  context.fillRect(0, 0, pixels, pixels)
  const [left, top] = [(image.width - side) / 2, (image.height - side) / 2]
  context.drawImage(image, left, top, side, side, 0, 0, pixels, pixels)
  image.close()
  return canvas.toDataURL('image/jpeg', 0.9)
}

/**
 * Runs in the page: changes the picture of the account or of a group.
 * @param file without it the picture is taken away
 * @returns why that was refused; undefined where it was done
 */
export async function changePicture(
  of: Wid | undefined,
  file?: File | null,
): Promise<PageRefusal | undefined> {
  const page = window as unknown as PageGlobals<PictureModules>
  const bridge = page.require('WAWebContactProfilePicThumbBridge')
  const { squareOf } = page.sessionGatewayKit
  if (!of) throw new Error('the page does not know its account')
  let said: { status?: number } | undefined
  if (file === undefined) said = await bridge.requestDeletePicture(of)
  else {
    const [small, large] = [await squareOf(file, 96), await squareOf(file, 640)]
    if (small === null || large === null)
      return { refused: 'unsupported_media_type', detail: 'WhatsApp Web cannot read this picture.' }
    said = await bridge.sendSetPicture(of, small, large)
  }
  return said?.status === 200
    ? undefined
    : { refused: 'whatsapp_refused', detail: `WhatsApp says ${said?.status}.` }
}

/** Runs in the page. @param file without it the picture is taken away */
export async function changePictureOfChannel(
  channel: Channel,
  file?: File | null,
): Promise<PageAnswer<OperationOutput<'channel.set-picture'>>> {
  const page = window as unknown as PageGlobals<PictureModules>
  const { describeChannel, readBackChannel, squareOf } = page.sessionGatewayKit
  const { role } = describeChannel(channel)
  if (role !== 'owner' && role !== 'admin') return { refused: 'not_channel_admin' }
  const picture = file === undefined ? null : await squareOf(file, 640)
  if (picture === null && file !== undefined)
    return { refused: 'unsupported_media_type', detail: 'WhatsApp Web cannot read this picture.' }
  const { editNewsletterMetadataAction } = page.require('WAWebEditNewsletterMetadataAction')
  await editNewsletterMetadataAction(channel, { editPicture: true }, { picture })
  return await readBackChannel('The picture was changed.', channel)
}

/** Runs in the page. */
export async function pictureOfGroup({ id }: Group): Promise<OperationOutput<'group.picture'>> {
  const page = window as unknown as PageGlobals<PictureModules>
  const bridge = page.require('WAWebContactProfilePicThumbBridge')
  const picture = await bridge.requestProfilePicFromServer({ id })
  return { groupId: id._serialized, picture: picture?.eurl ?? null }
}
