import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, request as send } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
// @ts-expect-error it has no types
import { sign } from 'aws4'
// @ts-expect-error it has no types
import Untyped from 's3rver'

interface BucketServer {
  run(): Promise<{ port: number }>
  close(): Promise<void>
}
const Server = Untyped as new (options: object) => BucketServer

export const BUCKET_KEY = { accessKeyId: 'S3RVER', secretAccessKey: 'S3RVER' }
const REFUSAL = '<Error><Code>SignatureDoesNotMatch</Code></Error>'

/**
 * An S3-compatible server of this process with one bucket, in `us-east-1`, for whoever signs with `BUCKET_KEY`. The server
 * itself does not compute signatures (version 4): what stands before it does, and looks whether the bytes are those that were signed.
 */
export async function startBucket(
  directory: string,
): Promise<{ endpoint: string; close: () => Promise<void> }> {
  const server = new Server({
    ...{ address: '127.0.0.1', port: 0, silent: true, directory },
    configureBuckets: [{ name: 'files' }],
  })
  const { port } = await server.run()
  const guard = createServer(async (asked, answer) => {
    const body = await buffer(asked)
    if (!isSigned(asked, body)) return answer.writeHead(403).end(REFUSAL)
    const { method, url: path, headers } = asked
    send({ port, host: '127.0.0.1', method, path, headers }, (given) => {
      answer.writeHead(given.statusCode ?? 500, given.headers)
      given.pipe(answer)
    }).end(body)
  })
  await once(guard.listen(0, '127.0.0.1'), 'listening')
  return {
    endpoint: `http://127.0.0.1:${(guard.address() as AddressInfo).port}/files`,
    close: async () => {
      guard.close()
      guard.closeAllConnections()
      await server.close()
    },
  }
}

/** Signs what came once more, by another implementation, and compares. */
function isSigned({ method, url: path, headers }: IncomingMessage, body: Buffer): boolean {
  const { authorization = '' } = headers
  const names = /SignedHeaders=([^,]+)/.exec(authorization)?.[1]?.split(';') ?? []
  const bytes = headers['x-amz-content-sha256']
  const isOfBody = bytes === 'UNSIGNED-PAYLOAD' || bytes === createHash('sha256').update(body).digest('hex')
  const mustBeSigned = ['host', ...Object.keys(headers).filter((name) => name.startsWith('x-amz-'))]
  const request = { method, path, headers: Object.fromEntries(names.map((name) => [name, headers[name]])) }
  const signed = sign({ ...request, service: 's3', region: 'us-east-1' }, BUCKET_KEY).headers.Authorization
  const plain = (text: string) => text.replace(/,\s*/g, ',')
  return (
    isOfBody && mustBeSigned.every((name) => names.includes(name)) && plain(signed) === plain(authorization)
  )
}
