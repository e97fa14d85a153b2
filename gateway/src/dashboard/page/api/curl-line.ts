export interface CurlRequest {
  method: string
  /** The whole address. */
  url: string
  session?: string
  /** Said as JSON. */
  body?: unknown
  /** Fields of a form, `file=@photo.jpg` among them. */
  form?: Readonly<Record<string, string>>
}

/** The line that asks for the same in a shell. The token stays out of it: it reads the variable `TOKEN`. */
export function curlLine({ method, url, session, body, form }: CurlRequest): string {
  return [
    `curl${method === 'GET' || (method === 'POST' && (body !== undefined || form !== undefined)) ? '' : ` -X ${method}`} ${quoted(url)}`,
    '-H "Authorization: Bearer $TOKEN"',
    ...(session === undefined ? [] : [`-H ${quoted(`X-Session-Id: ${session}`)}`]),
    ...(body === undefined
      ? []
      : [`-H ${quoted('Content-Type: application/json')}`, `-d ${quoted(JSON.stringify(body))}`]),
    ...Object.entries(form ?? {}).map(([name, value]) => `-F ${quoted(`${name}=${value}`)}`),
  ].join(' \\\n  ')
}

/** As a POSIX shell takes it for one word, whatever is in it. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`
}
