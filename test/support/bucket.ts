// @ts-expect-error it has no types
import Untyped from 's3rver'

interface BucketServer {
  run(): Promise<{ port: number }>
  close(): Promise<void>
}
const Server = Untyped as new (options: object) => BucketServer

export const BUCKET_KEY = { accessKeyId: 'S3RVER', secretAccessKey: 'S3RVER' }

/**
 * An S3-compatible server of this process with one bucket. It asks for the key id of `BUCKET_KEY`, and does not compute the
 * signature (version 4) that goes with it.
 */
export async function startBucket(
  directory: string,
): Promise<{ endpoint: string; close: () => Promise<void> }> {
  const server = new Server({
    ...{ address: '127.0.0.1', port: 0, silent: true, directory },
    configureBuckets: [{ name: 'files' }],
  })
  const { port } = await server.run()
  return { endpoint: `http://127.0.0.1:${port}/files`, close: () => server.close() }
}
