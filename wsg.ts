import { run } from '@wsg/cli/src/run.ts'

/** What looks at this machine needs the whole product beside it; everything else speaks HTTP, and is in the gateway's image as well. */
const local = process.argv[2] === 'doctor'
process.exitCode = local
  ? await (await import('./doctor/doctor.ts')).doctor(process.argv.slice(3), process.env)
  : await run(process.argv.slice(2), process.env)
