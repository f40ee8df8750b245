/** The Python client: a data scientist without ONNX pushes, deploys, asks, is refused, and goes back. */
import { execFile, spawnSync } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { isInstalled } from '@skerry/testkit/judges/judge'
import { deep } from '@skerry/testkit/tier'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type AgentProgram, type HubProgram, newHubHome, startAgent, startHub } from '../../examples/stage/fleet.ts'

const PYTHON = '/usr/bin/python3'
const ROOT = join(import.meta.dirname, '../..')
const hasPython = isInstalled(PYTHON, '-c', 'import sklearn, xgboost, pip')

let folder: string
let hub: HubProgram
let agent: AgentProgram
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'skerry-python-'))
  hub = await startHub(await newHubHome(folder))
  agent = await startAgent(hub, { site: { name: 'delft', kind: 'edge', country: 'NL' }, device: 'press-1', folder })
})
afterAll(async () => {
  await agent?.stop()
  await hub?.stop()
  await rm(folder, { recursive: true, force: true })
})

test.skipIf(!hasPython)(
  'twelve cells of a notebook: estimators are pushed with their own answers, and served',
  async () => {
    const installed = join(folder, 'installed')
    await installFromHub(installed)
    const stdout = await answered('journey.py', installed)
    expect(stdout).toContain("['press-1']")
    expect(stdout).toContain('tumour: done, 1 of 1 devices run version 1 well')
    expect(stdout).toMatch(/golden_reference_differs: .*probabilities/)
    expect(stdout.endsWith('{"done": true}')).toBe(true)
    const { version } = { version: await hub.client.model.getVersion({ name: 'tumour', version: '1' }) }
    expect(version.lineage?.tool).toMatch(
      /^scikit-learn 1\..*, Pipeline\(StandardScaler, RandomForestClassifier\), 20 trees$/,
    )
  },
)

test.skipIf(!hasPython)(
  'builds are made, measured on a device, and rows of it are fetched, by one method each',
  deep('a benchmark on a device takes its time'),
  async () => {
    const stdout = await answered('builds.py', join(ROOT, 'clients/python'))
    expect(stdout.endsWith('{"done": true}')).toBe(true)
  },
)

/** The output of a script that imports the client from this folder. */
async function answered(name: string, client: string): Promise<string> {
  const env = {
    PATH: process.env.PATH,
    PYTHONPATH: client,
    PYTHONDONTWRITEBYTECODE: '1',
    SKERRY_HUB: hub.url,
    SKERRY_KEY: hub.connection.key,
    SKERRY_CA_FILE: hub.authorityPath,
  }
  const script = join(import.meta.dirname, name)
  return (await promisify(execFile)(PYTHON, ['-W', 'ignore', script], { env })).stdout
}

/** As a data scientist does: pip takes the package from the page of the hub, and from nowhere else. */
async function installFromHub(target: string): Promise<void> {
  const words = ['-m', 'pip', 'install', '--quiet', '--no-index', '--no-cache-dir', '--disable-pip-version-check']
  // pip 25.1 cannot check the certificate of an address of numbers; hubs of people have names.
  const page = `${hub.url.replace('127.0.0.1', 'localhost')}/clients/`
  const from = ['--find-links', page, '--cert', hub.authorityPath, '--target', target, 'skerry']
  await promisify(execFile)(PYTHON, [...words, ...from], { env: { PATH: process.env.PATH, HOME: folder } })
  const { version } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8'))
  expect(await readdir(target)).toEqual(expect.arrayContaining([`skerry-${version}.dist-info`, 'skerry.py']))
}

test('the client is one file of Python 3.9, and imports nothing but the standard library', () => {
  const check = `
import ast, sys
tree = ast.parse(open(sys.argv[1]).read(), feature_version=(3, 9))
names = {alias.name.split(".")[0] for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
print(sorted(names - set(sys.stdlib_module_names)))
`
  const { stdout, stderr } = spawnSync(PYTHON, ['-c', check, join(ROOT, 'clients/python/skerry.py')], {
    encoding: 'utf8',
  })
  expect(stderr).toBe('')
  expect(stdout.trim()).toBe("['numpy', 'xgboost']")
})
