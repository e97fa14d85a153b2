import { once } from 'node:events'
import type { Readable } from 'node:stream'
import { Busboy } from '@fastify/busboy'
import type { FastifyRequest } from 'fastify'
import { invalidRequest } from './problem.ts'
import { bodyPieces } from './read-body.ts'

const LIMITS = { fields: 32, files: 1, parts: 33, fieldSize: 300_000, fieldNameSize: 64, headerPairs: 32 }

/** The file of a form, while it comes. */
export interface FormFile {
  pieces: AsyncIterable<Buffer>
  filename: string | undefined
  mimetype: string
}

export interface Form<File> {
  fields: ReadonlyMap<string, string>
  /** What was made of the part `file`; null where there is none. */
  file: File | null
}

/**
 * Reads a body of type multipart/form-data piece by piece.
 * @param take gets the part `file` as it comes, and must read all of it
 * @throws Problem where the body is no such form, and whatever `take` threw
 */
export async function readForm<File>(
  { raw, headers }: FastifyRequest,
  take: (file: FormFile) => Promise<File>,
): Promise<Form<File>> {
  const fields = new Map<string, string>()
  const form = openForm(headers['content-type'] ?? '')
  const failed = Promise.withResolvers<never>()
  let taking: Promise<File> | null = null
  let part: Readable | null = null
  let isOver = false
  form.on('field', (name, value, isNameCut, isCut) => {
    if (isNameCut || isCut) return failed.reject(invalidRequest(`the field ${name} is too long`))
    if (fields.has(name)) return failed.reject(invalidRequest(`the field ${name} is there twice`))
    fields.set(name, value)
  })
  form.on('file', (name, stream, filename, _encoding, mimetype) => {
    part = stream
    // It may end before somebody reads it, and that is told as the form's own error.
    stream.on('error', () => {})
    if (name !== 'file') {
      stream.resume()
      return failed.reject(invalidRequest('the file must be in the field file'))
    }
    taking = take({ pieces: stream, filename, mimetype })
    taking.catch(failed.reject)
  })
  for (const limit of ['partsLimit', 'filesLimit', 'fieldsLimit'] as const)
    form.on(limit, () => failed.reject(invalidRequest('the form has too many parts')))
  form.on('error', () => failed.reject(invalidRequest('the body is not a whole multipart form')))
  const read = async (): Promise<Form<File>> => {
    const isRead = once(form, 'finish')
    isRead.catch(() => {})
    for await (const piece of bodyPieces(raw)) {
      if (isOver) return await failed.promise
      if (!form.write(piece)) await once(form, 'drain')
    }
    form.end()
    await isRead
    return { fields, file: await taking }
  }
  try {
    return await Promise.race([read(), failed.promise])
  } catch (error) {
    isOver = true
    // Ends whoever reads the part, also where no more of it comes.
    ;(part as Readable | null)?.destroy(error as Error)
    throw error
  }
}

function openForm(contentType: string) {
  try {
    return new Busboy({ headers: { 'content-type': contentType }, limits: LIMITS })
  } catch {
    throw invalidRequest('the multipart body has no boundary')
  }
}
