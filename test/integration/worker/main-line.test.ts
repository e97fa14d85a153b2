import { expect } from 'vitest'
import { workerTest as it } from './worker-test.ts'

it('takes a placed session to a code, through the scan to ready, and a message to its ack', async ({
  rig,
}) => {
  const { clients } = await rig.startWorker()
  await rig.want('sales')
  await rig.untilView('sales', 'waiting_qr', 'qr_available')
  expect(await rig.redis.hget('wsg:{sales}:session', 'qr')).toBe('code-1')

  clients[0]?.logIn('5511000000000')
  await rig.untilView('sales', 'ready', 'connected')
  const fields = await rig.redis.hgetall('wsg:{sales}:session')
  expect(fields).toMatchObject({ savedLogin: '1', account: '5511000000000', pushName: 'Tester' })
  expect(fields).not.toHaveProperty('qr')

  const id = await rig.send('sales', '5511999887766', 'hello')
  const record = await rig.untilState('sales', id, 'sent')
  expect(record).toMatchObject({ chatId: '5511999887766@c.us', messageId: `true_5511999887766@c.us_${id}` })
  expect(rig.whatsappOf('sales').bodies()).toEqual(['hello'])
})
