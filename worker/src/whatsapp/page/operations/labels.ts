import type { OperationOutput } from '@wsg/shared/operations/operations.ts'
import type { Chat, PageGlobals, PageModules } from '../page-globals.ts'
import type { PageOperations } from './page-operation.ts'

interface Label {
  id: string
  name?: string
  hexColor?: string
}

interface LabelModules extends PageModules {
  WAWebConnModel: { Conn: { pushname?: string; platform?: string } }
  WAWebCollections: PageModules['WAWebCollections'] & {
    Label: {
      getModelsArray(): Label[]
      addOrRemoveLabels(actions: { id: string; type: 'add' | 'remove' }[], chats: Chat[]): Promise<unknown>
    }
  }
}

export const labels = {
  'label.list': {
    needs: ['WAWebConnModel.Conn', 'WAWebCollections.Label.getModelsArray'],
    run: (_input, { kit }) => {
      const items = kit.labelsOfAccount()
      return items
        ? { output: { items } }
        : { refused: 'not_supported', detail: 'Only WhatsApp Business has labels.' }
    },
  },

  'chat.labels': {
    on: 'chat',
    needs: [
      'WAWebConnModel.Conn',
      'WAWebCollections.Label.getModelsArray',
      'WAWebCollections.Label.addOrRemoveLabels',
    ],
    run: async ({ labels: wanted }, { chat, page, kit, deadline }) => {
      const known = kit.labelsOfAccount()
      if (!known) return { refused: 'not_supported', detail: 'Only WhatsApp Business has labels.' }
      if (!wanted.every((id) => known.some((label) => label.id === id))) return { refused: 'label_not_found' }
      const borne = () => ((chat as Chat & { labels?: unknown[] }).labels ?? []).map(String)
      const isDone = () =>
        borne().length === new Set(wanted).size && wanted.every((id) => borne().includes(id))
      if (!isDone()) {
        const actions = known.map(({ id }) => ({
          id,
          type: wanted.includes(id) ? ('add' as const) : ('remove' as const),
        }))
        const changed = actions.filter(({ id, type }) => (type === 'add') !== borne().includes(id))
        await page.require('WAWebCollections').Label.addOrRemoveLabels(changed, [chat])
      }
      const labels = known.filter(({ id }) => wanted.includes(id))
      return await kit.onceShown(isDone, () => ({ id: chat.id._serialized, labels }), deadline)
    },
  },
} satisfies PageOperations<LabelModules>

/** Runs in the page. @returns undefined where the account is none of WhatsApp Business */
export function labelsOfAccount(): OperationOutput<'label.list'>['items'] | undefined {
  const page = window as unknown as PageGlobals<LabelModules>
  const { platform = '' } = page.require('WAWebConnModel').Conn
  if (!['smba', 'smbi'].includes(platform)) return undefined
  const { Label: all } = page.require('WAWebCollections')
  return all
    .getModelsArray()
    .map(({ id, name = '', hexColor = null }) => ({ id: String(id), name, color: hexColor }))
}
