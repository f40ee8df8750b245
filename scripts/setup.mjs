/**
 * Makes a fresh clone ready, and prints nothing when it already is: the right platform, the packages of package-lock.json, Node 24 from
 * one of them, and with --peers the Debian packages that the tests judge Skerry against; with
 * --peers=NAME those that the example or the benchmark of that name needs.
 *
 * Plain JavaScript without packages, because it runs on the machine's own Node, before anything is installed. Later
 * commands of an npm script must name node_modules/.bin/node: a shell remembers the place of its first `node`.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { chartToolsProblem } from './chart-tools.mjs'
import { missingPeers } from './peers.mjs'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
/** npm 10 and the syntax of this file came with it. */
const NODE_MAJOR_MIN = 20

// Written so that Node 12 can still read it and say what is wrong.
const problem = platformProblem() || packagesProblem() || nodeProblem() || consoleProblem() || guideProblem()
if (problem !== undefined) {
  process.stderr.write(`skerry: ${problem}\n`)
  process.exit(1)
}
const example = process.argv.find((word) => word.startsWith('--peers='))?.slice('--peers='.length)
if (example !== undefined) installPeers(`${example} will not run`, example)
if (process.argv.includes('--peers')) {
  installPeers('the tests that need them will be skipped')
  const problem = chartToolsProblem()
  if (problem !== undefined) process.stderr.write(`skerry: ${problem}: the tests of the Helm chart will be skipped\n`)
}

function platformProblem() {
  const major = Number(process.versions.node.split('.')[0])
  if (major < NODE_MAJOR_MIN)
    return `Node.js ${NODE_MAJOR_MIN} or newer is needed to begin with; this is ${process.version}`
  const isKnown = process.platform === 'linux' && ['x64', 'arm64'].includes(process.arch)
  if (!isKnown)
    return `runs on Linux x64 and arm64; this is ${process.platform} ${process.arch}. Use a Linux machine or container`
  // onnxruntime-node ships no build for musl.
  if (process.report.getReport().header.glibcVersionRuntime === undefined) {
    return 'needs the GNU C library, which this Linux (Alpine?) does not have. Use Debian, Ubuntu, Fedora or the like'
  }
  return undefined
}

function packagesProblem() {
  if (isInstalled()) return undefined
  process.stderr.write('skerry: installing the packages of package-lock.json (some hundreds, about a minute) ...\n')
  // An npm that does not know allowScripts of package.json would run this script, which may fetch libraries for CUDA.
  const env = { ...process.env, ONNXRUNTIME_NODE_INSTALL: 'skip' }
  const npm = spawnSync('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: root,
    encoding: 'utf8',
    env,
  })
  if (npm.error)
    return `npm could not be started (${npm.error.message}). Install it, for example with "apt-get install npm"`
  if (npm.status === 0) return undefined
  return `"npm ci" failed; is the npm registry within reach?\n${npm.stdout}${npm.stderr}`
}

/** npm writes its own lock file into node_modules as its last act, so an interrupted install is seen too. */
function isInstalled() {
  const installedPath = join(root, 'node_modules/.package-lock.json')
  if (!existsSync(installedPath)) return false
  const installed = packagesOf(installedPath)
  return Object.entries(packagesOf(join(root, 'package-lock.json')))
    .filter(([path]) => path.includes('node_modules/'))
    .every(([path, { version, optional }]) =>
      path in installed ? installed[path].version === version : optional === true,
    )
}

function packagesOf(lockPath) {
  return JSON.parse(readFileSync(lockPath, 'utf8')).packages
}

function nodeProblem() {
  const node = spawnSync(join(root, 'node_modules/.bin/node'), ['--version'], { encoding: 'utf8' })
  if (node.status === 0 && node.stdout.startsWith('v24.')) return undefined
  const name = `node-linux-${process.arch}`
  return `Node.js 24 is not where the package ${name} should have put it. Was npm told to leave optional packages out? Run "npm ci --include=optional"`
}

/** The pages that the hub serves: built when their sources or the lock file have changed. */
function consoleProblem() {
  const build = [join(root, 'apps/console/scripts/build.ts'), '--if-changed']
  const { status, stderr } = spawnSync(join(root, 'node_modules/.bin/node'), build, { encoding: 'utf8' })
  return status === 0 ? undefined : `the console could not be built\n${stderr}`
}

/** The documentation that the hub serves: built when the documents or the lock file have changed. */
function guideProblem() {
  const build = [join(root, 'scripts/guide/build.ts'), '--if-changed']
  const { status, stderr } = spawnSync(join(root, 'node_modules/.bin/node'), build, { encoding: 'utf8' })
  return status === 0 ? undefined : `the documentation could not be built\n${stderr}`
}

/** Without them the tests that need them are skipped and named; with CI=true a skipped test fails the run. */
function installPeers(consequence, example) {
  const missing = missingPeers(example)
  if (missing.length === 0) return
  const names = missing.map(({ debian }) => debian)
  const isPossible = process.getuid() === 0 && spawnSync('apt-get', ['--version']).status === 0
  if (isPossible) {
    process.stderr.write(`skerry: installing independent judges: ${names.join(' ')} ...\n`)
    if (aptGet(['install', ...names]) || (aptGet(['update']) && aptGet(['install', ...names]))) return
  }
  const why = isPossible ? 'apt-get could not install them' : 'only root on Debian can'
  process.stderr.write(`skerry: not installing ${names.join(' ')} (${why}): ${consequence}\n`)
}

function aptGet([verb, ...names]) {
  const options = ['-qq', '-o', 'DPkg::Lock::Timeout=300', '-y', '--no-install-recommends']
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  return spawnSync('apt-get', [...options, verb, ...names], { env, stdio: ['ignore', 'ignore', 'pipe'] }).status === 0
}
