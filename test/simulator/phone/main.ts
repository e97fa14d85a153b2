import { render } from 'preact'
import { html } from '../../../gateway/src/dashboard/page/html.ts'
import { controlClient } from './control-client.ts'
import { PhonePage } from './phone-page.ts'

const kinds = await controlClient.kinds()
render(html`<${PhonePage} kinds=${kinds} />`, document.getElementById('app') as HTMLElement)
