/**
 * Updates of agents: a real hub, and two devices whose launchers run real packages. A new version is rolled out by the
 * command line and proves itself. A version that crashes returns by itself, and stops its rollout.
 */
import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { PATIENCE_MS } from '@skerry/testkit/patience'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { type CommandLine, commandLine as programLine } from '../../examples/stage/command-line.ts'
import { type HubProgram, newHubHome, startHub } from '../../examples/stage/fleet.ts'
import { buildAgentPackage } from '../../scripts/agent/agent-package.ts'
import { commandLine } from '../stage/command-line.ts'
import {
  deployModel,
  installVersion,
  type LaunchedDevice,
  launch,
  lendModules,
  requestModel,
  startInstalled,
} from './devices.ts'

const ROOT = join(import.meta.dirname, '../..')
const DEVICES = ['press-1', 'press-2'] as const

let folder: string
let hub: HubProgram
let port: number
let skerry: CommandLine
let devices: LaunchedDevice[] = []

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'skerry-updates-'))
  await lendModules(folder)
  const home = await newHubHome(join(folder, 'hub'))
  port = home.port
  hub = await startHub(home)
  skerry = commandLine(hub, folder)
  await skerry('site', 'create', 'hamburg', '--kind', 'edge', '--country', 'DE')
  const file = await pack('0.1.0')
  await skerry('agent', 'push', file)
  devices = await Promise.all(
    DEVICES.map(async (device) => {
      const root = join(folder, device, 'software')
      await mkdir(root, { recursive: true })
      await installVersion(hub, { root, version: 1, file })
      const token = (await skerry('device', 'token', 'create', '--site', 'hamburg')).trim()
      return launch({ device, root, data: join(folder, device, 'data'), logFolder: folder, token })
    }),
  )
}, PATIENCE_MS)

afterAll(async () => {
  await Promise.all(devices.map((device) => device.stop()))
  await hub?.stop()
  await rm(folder, { recursive: true, force: true })
})

/** A package of this agent, with another version, and with sources that are replaced. */
async function pack(version: string, patch: Readonly<Record<string, string>> = {}): Promise<string> {
  const target = join(folder, `agent-${version}.tar`)
  await buildAgentPackage({ target, version, patch })
  return target
}

/** A package without Node uses the one of the machine: here the one of these tests. */
const PATH = `${dirname(process.execPath)}:${process.env.PATH}`
const shell = (line: string) => promisify(execFile)('sh', ['-c', line], { cwd: folder, env: { ...process.env, PATH } })

const deviceOf = (device: string) => hub.client.device.get({ device })
const itemOf = async (device: string) => (await deviceOf(device)).items.find(({ name }) => name === 'skerry-agent')

const deploy = (version: number) =>
  hub.client.deployment.apply({
    name: 'agents',
    deployable: 'skerry-agent',
    version: String(version),
    probation: { seconds: 1 },
  })

/** Sends requests to the model of each device, one after the other, until it is told to stop. */
function requestModels() {
  const answers = new Map<number | string | undefined, number>()
  let isStopped = false
  const loops = devices.map(async (device) => {
    while (!isStopped) {
      const answer = await requestModel(device)
      answers.set(answer, (answers.get(answer) ?? 0) + 1)
    }
  })
  return async () => {
    isStopped = true
    await Promise.all(loops)
    return [...answers.keys()]
  }
}

/** How often the runner of one agent took the place of that of another, by the log of each device. */
const takeOvers = () =>
  Promise.all(
    DEVICES.map(async (device) => {
      const log = await readFile(join(folder, `${device}.log`), 'utf8')
      return log.match(/"event":"runner_took_over"/g)?.length ?? 0
    }),
  )

test('a version is rolled out to two devices and proves itself, while their models answer each request', async () => {
  await deployModel(hub)
  await vi.waitFor(async () => {
    for (const device of DEVICES) expect((await deviceOf(device)).inventory?.capabilities).toContain('agent')
    expect(await Promise.all(devices.map(requestModel))).toEqual([200, 200])
  }, PATIENCE_MS)
  await skerry('agent', 'push', await pack('0.1.1'), '--alias', 'stable')
  const stop = requestModels()
  await deploy(2)
  await vi.waitFor(async () => {
    for (const device of DEVICES) {
      expect(await itemOf(device)).toMatchObject({ state: 'active', serving: { version: 2 } })
      expect(await deviceOf(device)).toMatchObject({ agentVersion: '0.1.1', link: { connected: true } })
    }
  }, PATIENCE_MS)
  await vi.waitFor(async () => expect(await takeOvers()).toEqual([1, 1]), PATIENCE_MS)
  expect(await stop()).toEqual([200])
})

test('a version that crashes at its start returns by itself, and its rollout stops', async () => {
  // It passes the check of itself, and ends when it is to serve.
  const main = await readFile(join(ROOT, 'apps/agent/src/main.ts'), 'utf8')
  const crashing = main.replace(
    "const { runAgent } = await import('./agent.ts')",
    "process.exit(41); const { runAgent } = await import('./agent.ts')",
  )
  await skerry('agent', 'push', await pack('0.1.2', { 'apps/agent/src/main.ts': crashing }))
  const stop = requestModels()
  await deploy(3)
  await vi.waitFor(async () => {
    const items = await Promise.all(DEVICES.map(itemOf))
    const failed = items.find((item) => item?.state === 'failed')
    expect(failed).toMatchObject({ cause: { code: 'agent_crashed' }, serving: { version: 2 } })
  }, PATIENCE_MS)
  await vi.waitFor(async () => {
    for (const device of DEVICES) {
      expect(await deviceOf(device)).toMatchObject({ agentVersion: '0.1.1', link: { connected: true } })
    }
  }, PATIENCE_MS)
  expect(await stop(), 'the runner of the version before serves until it has returned').toEqual([200])
})

test('one command makes a new computer a device, and removes it again', async () => {
  const printed = JSON.parse(await skerry('device', 'install-command', '--site', 'hamburg', '--json'))
  expect(printed.warnings, 'a package is pushed, and this hub listens for its own computer').toMatchObject([
    { code: 'address_local' },
  ])
  const line: string = printed.command
  const dir = join(folder, 'press-3')
  const { stdout } = await shell(line.replace('sh -s --', `sh -s -- --no-service --dir ${dir} --name press-3`))
  expect(stdout).toContain(`Start the agent with: ${dir}/start`)
  const started = startInstalled(dir, folder)
  try {
    await vi.waitFor(async () => {
      expect(await deviceOf('press-3')).toMatchObject({ link: { connected: true }, agentVersion: '0.1.1' })
    }, PATIENCE_MS)
  } finally {
    await started.stop()
  }
  const script = `curl -fsSk ${hub.url}/install.sh | sh -s -- --uninstall --purge --no-service --dir ${dir}`
  await shell(script)
  expect(await readdir(folder)).not.toContain('press-3')
})

test('a script with other bytes is not run', async () => {
  const line = (await skerry('device', 'install-command', '--site', 'hamburg')).trim()
  const forged = line.replace(/= [0-9a-f]{64}/, `= ${'0'.repeat(64)}`)
  await expect(shell(forged)).rejects.toThrow('the script was not run')
})

test('the hub is backed up while it runs, and restored into a new folder; devices and the audit trail continue', async () => {
  const passphrase = ['--passphrase-file', join(folder, 'passphrase')]
  await writeFile(join(folder, 'passphrase'), 'a passphrase of a plant\n')
  const [data, restored] = [join(folder, 'hub/hub'), join(folder, 'restored/hub')]
  // `skerry hub upgrade` becomes the program of the hub, so it is a program of its own.
  const program = programLine(hub, folder)
  await skerry('hub', 'backup', 'hub.skerry', '--data', data, ...passphrase)
  expect((await readFile(join(folder, 'hub.skerry'))).includes('SQLite format 3')).toBe(false)
  await expect(skerry('hub', 'restore', 'hub.skerry', '--data', data, ...passphrase)).rejects.toThrow('folder_taken')
  // They would wait ever longer between two tries while there is no hub.
  await Promise.all(devices.map((device) => device.stop()))
  await hub.stop()
  await rename(data, join(folder, 'lost'))
  await writeFile(join(folder, 'wrong'), 'another passphrase\n')
  const wrong = ['--data', restored, '--passphrase-file', join(folder, 'wrong')]
  await expect(skerry('hub', 'restore', 'hub.skerry', ...wrong)).rejects.toThrow('the passphrase is wrong')
  await skerry('hub', 'restore', 'hub.skerry', '--data', restored, ...passphrase)
  expect(await program('hub', 'upgrade', '--dry-run', '--data', restored)).toContain('The database is up to date')
  hub = await startHub({ folder: join(folder, 'restored'), port, ownerKeyPath: join(folder, 'hub/owner-key') })
  skerry = commandLine(hub, folder)
  devices = await Promise.all(
    DEVICES.map((device) =>
      launch({ device, root: join(folder, device, 'software'), data: join(folder, device, 'data'), logFolder: folder }),
    ),
  )
  await vi.waitFor(async () => {
    for (const device of DEVICES) expect((await deviceOf(device)).link).toMatchObject({ connected: true })
  }, PATIENCE_MS)
  expect(await skerry('audit', 'verify')).toMatch(/records/)
  expect(await skerry('agent', 'show', 'skerry-agent:2')).toContain('0.1.1')
})
