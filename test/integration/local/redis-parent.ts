/** Stands for a supervisor that can be killed: takes the folder, starts its Redis, says where it is, and stays. */
import { ChildLedger } from '../../../local/child-ledger.ts'
import { lockDataDir } from '../../../local/data-dir-lock.ts'
import { startEmbeddedRedis } from '../../../local/embedded-redis.ts'

const [dataDir = ''] = process.argv.slice(2)
await lockDataDir(dataDir)
const note = () => {}
const { url, pid } = await startEmbeddedRedis({ dataDir, ledger: new ChildLedger(dataDir), log: 2, note })
console.log(JSON.stringify({ url, pid }))
