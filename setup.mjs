/**
 * Installs what a fresh clone is missing, and nothing else: npm packages with the right Node among them, Chromium,
 * Redis and two small programs of util-linux. npm runs it before `npm start`, `npm run sandbox`, `npm test` and `npm run bench`,
 * on whatever Node the machine has (18 or later) and before any package exists: no dependencies, plain JavaScript.
 */
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, realpathSync, rmSync, symlinkSync } from 'node:fs'
import { homedir } from 'node:os'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('.', import.meta.url))
const NODE_MAJOR = 24
/** What stops the set-up; its message is all that is printed. */
class SetupFailed extends Error {}

/**
 * Whether node_modules differs from the lock. Packages that the lock calls optional (those of other platforms,
 * mostly) may be absent.
 * @param {{packages?: Record<string, {version?: string, optional?: boolean, link?: boolean}>}} wanted package-lock.json
 * @param {typeof wanted | null} installed node_modules/.package-lock.json, npm's own record of what it put there
 * @param {(path: string) => boolean} exists whether a path below the root is there
 */
export function packagesOutdated(wanted, installed, exists) {
  if (installed === null) return true
  return Object.entries(wanted.packages ?? {}).some(([path, entry]) => {
    if (!path.startsWith('node_modules/')) return false
    const found = installed.packages?.[path]
    if (found === undefined) return entry.optional !== true
    return found.version !== entry.version || Boolean(found.link) !== Boolean(entry.link) || !exists(path)
  })
}

/** Where Chromium may be, the leanest first; the worker looks in the same places. */
export function chromiumPlaces(environment, listFolder = folderNames) {
  if (environment.PUPPETEER_EXECUTABLE_PATH) return [environment.PUPPETEER_EXECUTABLE_PATH]
  const cache = environment.PUPPETEER_CACHE_DIR || join(homedir(), '.cache', 'puppeteer')
  const cached = (browser) =>
    listFolder(join(cache, browser)).flatMap((build) =>
      listFolder(join(cache, browser, build)).map((folder) => join(cache, browser, build, folder, browser)),
    )
  return [
    '/usr/lib/chromium/chromium-headless-shell',
    '/usr/lib/chromium/chromium',
    '/usr/bin/chromium',
    '/opt/google/chrome/chrome',
    '/usr/bin/google-chrome-stable',
    '/usr/bin/google-chrome',
    ...cached('chrome-headless-shell'),
    ...cached('chrome'),
  ]
}

/** The Debian packages whose programs are missing, Chromium apart. */
export function missingPackages(environment, has) {
  const isForTests = environment.npm_lifecycle_event === 'pretest'
  const needsRedis =
    !environment.REDIS_URL || ['pretest', 'prebench'].includes(environment.npm_lifecycle_event)
  return [
    ...(needsRedis && !has('redis-server') ? ['redis-server'] : []),
    ...(has('flock') && has('setpriv') ? [] : ['util-linux']),
    // A test runs the Python of the manual, others convert files.
    ...(isForTests && !has('python3') ? ['python3'] : []),
    ...(isForTests && !has('ffmpeg') ? ['ffmpeg'] : []),
    ...(isForTests && !has('heif-convert') ? ['libheif-examples'] : []),
  ]
}

/** @returns the major of a `node --version`, 0 where it is none */
export function nodeMajor(text) {
  return Number(/^v(\d+)\./.exec(text)?.[1] ?? 0)
}

/** The one line that a person without root has to run. */
export function byHand(packages) {
  return `sudo apt-get update && sudo apt-get install -y ${packages.join(' ')}`
}

async function main() {
  const began = Date.now()
  let steps = 0
  const step = async (what, work) => {
    steps += 1
    const start = Date.now()
    process.stdout.write(`Setup: ${what} ... `)
    try {
      await work()
      process.stdout.write(`done (${seconds(start)})\n`)
    } catch (error) {
      process.stdout.write(`failed (${seconds(start)})\n`)
      throw error
    }
  }

  if (
    packagesOutdated(readJson('package-lock.json') ?? {}, readJson('node_modules/.package-lock.json'), inRoot)
  ) {
    await step('npm packages (half a minute)', installPackages)
  }
  if (!nodeIsRight()) await step(`Node ${NODE_MAJOR}`, installNode)
  const missing = missingPackages(process.env, onPath)
  if (missing.length > 0) await step(missing.join(', '), () => installByApt(missing))
  if (!hasChromium()) await step('Chromium', installChromium)
  if (steps === 0) console.log(`Setup: everything is there (${seconds(began)}).`)
}

/** What the lock names and nothing else: a lock that does not fit package.json is a fault, not a reason to look for newer packages. */
async function installPackages() {
  const environment = { ...withoutLocalPrograms(), PUPPETEER_SKIP_DOWNLOAD: 'true' }
  const { code, output } = await run('npm', ['ci', '--no-audit', '--no-fund'], environment)
  if (code === 0) return
  if (!output.includes('EUSAGE')) throw failed('the npm packages (npm ci)', output)
  const hint =
    'package-lock.json does not fit package.json. Run npm install, and look at what it changes in package-lock.json.'
  throw failed('the npm packages (npm ci)', output, hint)
}

/** The Node that npm scripts find first: ours where it is there, otherwise the machine's. */
function nodeIsRight() {
  const ours = join(root, 'node_modules/.bin/node')
  if (!existsSync(ours)) return nodeMajor(versionOf('node', withoutLocalPrograms())) >= NODE_MAJOR
  if (process.execPath === realpathSync(ours)) return nodeMajor(process.version) >= NODE_MAJOR
  return nodeMajor(versionOf(ours, process.env)) >= NODE_MAJOR
}

/** npm may have been told not to run install scripts; the package `node` fetches its program in one. */
async function installNode() {
  const link = join(root, 'node_modules/.bin/node')
  const folder = join(root, 'node_modules/node')
  const result = await run('node', ['installArchSpecificPackage.js'], withoutLocalPrograms(), folder)
  if (existsSync(join(folder, 'bin/node')) && !existsSync(link)) symlinkSync('../node/bin/node', link)
  if (nodeIsRight()) return
  // A program that does not run here (another libc, say) would hide the machine's own.
  rmSync(link, { force: true })
  if (nodeIsRight()) return
  throw failed(
    'the npm package "node"',
    result.output,
    `Install Node ${NODE_MAJOR} or later: https://nodejs.org`,
  )
}

async function installChromium() {
  if (process.env.PUPPETEER_EXECUTABLE_PATH) {
    throw new SetupFailed('PUPPETEER_EXECUTABLE_PATH names a file that is not there.')
  }
  const attempts = []
  if (mayUseApt()) {
    for (const name of ['chromium-headless-shell', 'chromium']) {
      const result = await apt([name])
      if (result.code === 0 && hasChromium()) return
      attempts.push(result.output)
    }
  }
  const cli = join(root, 'node_modules/.bin/puppeteer')
  const dependencies = mayUseApt() ? ['--install-deps'] : []
  const download = await run(
    cli,
    ['browsers', 'install', 'chrome-headless-shell', ...dependencies],
    process.env,
  )
  const found = chromiumPlaces(process.env).find((place) => existsSync(place))
  if (found !== undefined && spawnSync(found, ['--version']).status === 0) return
  const hint = `Install it with: ${byHand(['chromium-headless-shell'])}   (or set PUPPETEER_EXECUTABLE_PATH)`
  throw failed('Chromium', [...attempts, download.output].join('\n'), hint)
}

async function installByApt(packages) {
  if (!mayUseApt())
    throw new SetupFailed(`Missing: ${packages.join(', ')}. Install with: ${byHand(packages)}`)
  const result = await apt(packages)
  const left = missingPackages(process.env, onPath)
  if (left.length > 0) throw failed(packages.join(', '), result.output, `Install with: ${byHand(left)}`)
}

function mayUseApt() {
  return process.getuid?.() === 0 && onPath('apt-get')
}

/** Installs from the lists that are there, and fetches new lists only where that does not do. */
async function apt(packages) {
  const environment = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  const install = () =>
    run('apt-get', ['install', '-y', '-q', '--no-install-recommends', ...packages], environment)
  const first = await install()
  if (first.code === 0) return first
  const update = await run('apt-get', ['update', '-q'], environment)
  return update.code === 0 ? await install() : update
}

/** Runs a program with its output kept. @returns exit code (127 where it cannot be started) and all that it printed */
function run(command, args, environment, cwd = root) {
  return new Promise((resolve) => {
    let output = ''
    const child = spawn(command, args, { cwd, env: environment, stdio: ['ignore', 'pipe', 'pipe'] })
    child.stdout.on('data', (chunk) => (output += chunk))
    child.stderr.on('data', (chunk) => (output += chunk))
    child.on('error', (error) => resolve({ code: 127, output: error.message }))
    child.on('close', (code) => resolve({ code: code ?? 1, output }))
  })
}

function failed(what, output, hint = 'Is the network there? Then run it again.') {
  const tail = output.trim().split('\n').slice(-15).join('\n  ')
  return new SetupFailed(`Could not install ${what}:\n  ${tail}\n${hint}`)
}

function hasChromium() {
  return chromiumPlaces(process.env).some((place) => existsSync(place))
}

/** npm puts node_modules/.bin first; what is about to be replaced must not be what does the replacing. */
function withoutLocalPrograms() {
  const path = (process.env.PATH ?? '')
    .split(delimiter)
    .filter((folder) => !folder.endsWith('node_modules/.bin'))
  return { ...process.env, PATH: path.join(delimiter) }
}

function versionOf(command, environment) {
  return spawnSync(command, ['--version'], { env: environment, encoding: 'utf8' }).stdout ?? ''
}

function onPath(program) {
  return [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin'].some(
    (folder) => folder !== '' && existsSync(join(folder, program)),
  )
}

function folderNames(path) {
  return existsSync(path) ? readdirSync(path) : []
}

function inRoot(path) {
  return existsSync(join(root, path))
}

function readJson(path) {
  try {
    return JSON.parse(readFileSync(join(root, path), 'utf8'))
  } catch {
    return null
  }
}

function seconds(since) {
  return `${((Date.now() - since) / 1000).toFixed(1)} s`
}

if (process.argv[1] && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  main().catch((error) => {
    console.error(error instanceof SetupFailed ? `\n${error.message}\n` : error)
    process.exitCode = 1
  })
}
