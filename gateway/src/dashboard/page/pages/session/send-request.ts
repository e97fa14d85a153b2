import type { FormField } from '../../../form-fields.ts'
import { type CurlRequest, curlLine } from '../../api/curl-line.ts'
import { collectValues, type FormValues } from '../../forms/form-values.ts'

export interface SendForm {
  type: string
  /** Of that kind of message. */
  fields: readonly FormField[]
  plan: readonly FormField[]
  values: FormValues
}

/** The chosen file, where it is to be uploaded first. */
export function fileOf({ fields, values }: SendForm): File | null {
  const field = fields.find(({ input }) => input === 'file')
  const value = field === undefined ? undefined : values[field.name]
  return value instanceof File ? value : null
}

/**
 * The body of `POST /send`; a text alone is a plain string, as a newcomer would write it.
 * @param uploaded the id of the file that was uploaded first
 * @throws FormFault
 */
export function sendBody(form: SendForm, uploaded?: string): { to: string; message: unknown } {
  const { type, fields, plan, values } = form
  const content = collectValues(fields, values, uploaded)
  const isPlain = type === 'text' && Object.keys(content).every((name) => name === 'text')
  return {
    to: String(values.to ?? ''),
    message: isPlain ? (content.text ?? '') : { type, ...content },
    ...(values.replyTo ? { replyTo: values.replyTo } : {}),
    ...collectValues(plan, values),
  }
}

/** The same in a shell: one line, or two where a file goes first and a form could not say all. */
export function sendLines(form: SendForm, base: string, session: string): string {
  const file = fileOf(form)
  const send = (more: Partial<CurlRequest>) =>
    curlLine({ method: 'POST', url: `${base}/send`, session, ...more })
  if (file === null) return send({ body: sendBody(form) })
  const { to, message, ...plan } = sendBody(form, 'ID_OF_THE_UPLOAD')
  const { media: _, filename, ...content } = message as Record<string, unknown>
  const said = Object.entries({ to, ...content, ...plan })
  const isForm =
    filename === undefined &&
    said.every(([name, value]) => FORM_FIELDS.has(name) && typeof value === 'string')
  if (isForm)
    return send({ form: { ...(Object.fromEntries(said) as Record<string, string>), file: `@${file.name}` } })
  const upload = curlLine({ method: 'POST', url: `${base}/media`, form: { file: `@${file.name}` } })
  return `${upload}\n${send({ body: { to, message, ...plan } })}`
}

/** What may stand in a form beside the file. */
const FORM_FIELDS = new Set([
  'to',
  'type',
  'caption',
  'replyTo',
  'sendAt',
  'expiresAt',
  'priority',
  'reference',
])
