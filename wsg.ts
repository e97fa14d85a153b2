import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { run } from '@wsg/cli/src/run.ts'

const [command, ...rest] = process.argv.slice(2)
if (command !== 'doctor') process.exitCode = await run(process.argv.slice(2), process.env)
else if (existsSync(join(import.meta.dirname, 'doctor'))) {
  const { doctor } = await import('./doctor/doctor.ts')
  process.exitCode = await doctor(rest, process.env)
} else {
  console.error(
    'The doctor looks at a machine, and is not in this image. Run npm run wsg -- doctor where the sources are.',
  )
  process.exitCode = 2
}
