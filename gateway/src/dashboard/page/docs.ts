import { Api, ApiProblem, TOKEN_KEY } from './api/api.ts'

/** What the script of Swagger UI adds to the window. */
declare const SwaggerUIBundle: (options: {
  domNode: Element | null
  spec: object
  docExpansion: 'none'
  deepLinking: boolean
  validatorUrl: null
  requestInterceptor: (request: { headers: Record<string, string> }) => object
}) => void

const signIn = document.querySelector('#sign-in') as HTMLElement
const input = document.querySelector('#token') as HTMLInputElement
const fault = document.querySelector('#fault') as HTMLElement

document.querySelector('form')?.addEventListener('submit', (event) => {
  event.preventDefault()
  void show(input.value.trim())
})

const known = sessionStorage.getItem(TOKEN_KEY)
if (known === null) signIn.hidden = false
else void show(known)

/** Asks for the document with the token, and shows it. Requests that are tried go to where this page comes from. */
async function show(token: string): Promise<void> {
  try {
    const api = await new Api(token).ask<object>('/openapi.json')
    sessionStorage.setItem(TOKEN_KEY, token)
    signIn.hidden = true
    SwaggerUIBundle({
      domNode: document.querySelector('#api'),
      spec: { ...api, servers: [{ url: Api.base }] },
      docExpansion: 'none',
      deepLinking: true,
      validatorUrl: null,
      requestInterceptor: (request) => {
        request.headers.authorization ??= `Bearer ${token}`
        return request
      },
    })
  } catch (error) {
    signIn.hidden = false
    fault.textContent = error instanceof ApiProblem ? `${error.status} ${error.message}` : String(error)
  }
}
