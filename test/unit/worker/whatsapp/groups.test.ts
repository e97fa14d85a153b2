import { isMe, whyNotToGroup } from '@wsg/worker/src/whatsapp/page/groups.ts'
import { afterEach, expect, test, vi } from 'vitest'
import { openFakePage } from './fake-page.ts'

const ME = { _serialized: 'me@lid' }
const ANN = { _serialized: 'ann@lid' }
const GROUP = '120363000000000000@g.us'

interface Known {
  announce?: boolean
  members: { id: object; isAdmin?: boolean }[]
}

/** @param asked what becomes of the page's knowledge when the server is asked */
function pageThatKnows(known: Known | undefined, asked: () => Known | undefined = () => known) {
  let latest = known
  const update = vi.fn(async () => {
    latest = asked()
  })
  const group = ({ announce = false, members }: Known) => ({
    announce,
    participants: { getModelsArray: () => members },
  })
  openFakePage(
    {
      WAWebCollections: { GroupMetadata: { get: () => latest && group(latest), update } },
      WAWebWidFactory: { createWid: (id: string) => ({ _serialized: id }) },
      WAWebUserPrefsMeUser: { getMaybeMePnUser: () => undefined, getMaybeMeLidUser: () => ME },
    },
    { sessionGatewayKit: { isMe } },
  )
  return update
}
const refusal = (status: number) => () => {
  throw Object.assign(new Error('refused'), { status })
}

afterEach(() => {
  vi.unstubAllGlobals()
})

test.each<[string, Known]>([
  ['a member', { members: [{ id: ANN }, { id: ME }] }],
  ['an admin, where only they write', { announce: true, members: [{ id: ME, isAdmin: true }] }],
])('%s may write, and the server is not asked', async (_who, known) => {
  const update = pageThatKnows(known)
  expect(await whyNotToGroup(GROUP)).toBeUndefined()
  expect(update).not.toHaveBeenCalled()
})

test('who was added again, or made an admin, may write at once, though the page has not heard of it', async () => {
  pageThatKnows({ members: [{ id: ANN }] }, () => ({ members: [{ id: ANN }, { id: ME }] }))
  expect(await whyNotToGroup(GROUP)).toBeUndefined()
  pageThatKnows({ announce: true, members: [{ id: ME }] }, () => ({ announce: false, members: [{ id: ME }] }))
  expect(await whyNotToGroup(GROUP)).toBeUndefined()
})

test.each<[string, Known | undefined, () => Known | undefined, string]>([
  ['is no member', { members: [{ id: ANN }] }, () => ({ members: [{ id: ANN }] }), 'not_in_group'],
  ['is told so by the server', undefined, refusal(403), 'not_in_group'],
  ['names no group', undefined, refusal(404), 'chat_not_found'],
  [
    'is no admin where only they write',
    { announce: true, members: [{ id: ME }] },
    () => ({ announce: true, members: [{ id: ME }] }),
    'group_admins_only',
  ],
])('who %s may not', async (_why, known, asked, code) => {
  pageThatKnows(known, asked)
  expect(await whyNotToGroup(GROUP)).toBe(code)
})

test('where neither the page nor the server says, WhatsApp decides', async () => {
  pageThatKnows(undefined, refusal(500))
  expect(await whyNotToGroup(GROUP)).toBeUndefined()
})
