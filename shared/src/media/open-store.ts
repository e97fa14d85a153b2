import { join } from 'node:path'
import type { CommonConfig } from '../config/common.ts'
import { BucketStore } from './bucket-store.ts'
import type { FileStore } from './file-store.ts'
import { FolderStore } from './folder-store.ts'

/** The store that the configuration names: a bucket, else a folder that gateways and workers share. */
export function openStore(config: CommonConfig): FileStore {
  const folder = join(config.DATA_DIR, 'media')
  const quotaBytes = (config.MEDIA_QUOTA_MB ?? Number.POSITIVE_INFINITY) * 1_000_000
  if (config.MEDIA_BUCKET === undefined) return new FolderStore(folder, quotaBytes)
  return new BucketStore({
    endpoint: config.MEDIA_BUCKET,
    region: config.MEDIA_BUCKET_REGION,
    accessKeyId: config.MEDIA_BUCKET_KEY_ID ?? '',
    secretAccessKey: config.MEDIA_BUCKET_SECRET ?? '',
    quotaBytes,
    folder,
  })
}
