/** Stands for a supervisor that can be killed: takes the folder, starts its Redis, says where it is, and stays. */
import { ChildLedger } from '../../../local/child-ledger.ts'
import { lockDataFolder } from '../../../local/data-folder.ts'
import { startEmbeddedRedis } from '../../../local/open-redis.ts'

const [dataDir = ''] = process.argv.slice(2)
await lockDataFolder(dataDir)
const note = () => {}
const { ledger } = await ChildLedger.takeOver(dataDir)
const { ready: url, pid } = await startEmbeddedRedis({ dataDir, ledger, log: 2, note })
console.log(JSON.stringify({ url, pid }))
