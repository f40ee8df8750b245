/**
 * Updates of agents: a real hub, and two devices whose launchers run real packages. A new version is rolled out by the
 * command line and proves itself. A version that crashes returns by itself, and stops its rollout.
 */
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PATIENCE_MS } from '@skerry/testkit/patience'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { type CommandLine, commandLine } from '../../examples/stage/command-line.ts'
import { type HubProgram, newHubHome, startHub } from '../../examples/stage/fleet.ts'
import { buildAgentPackage } from '../../scripts/agent/agent-package.ts'
import { installVersion, type LaunchedDevice, launch, lendModules } from './devices.ts'

const ROOT = join(import.meta.dirname, '../..')
const DEVICES = ['press-1', 'press-2'] as const

let folder: string
let hub: HubProgram
let skerry: CommandLine
let devices: LaunchedDevice[] = []

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'skerry-updates-'))
  await lendModules(folder)
  hub = await startHub(await newHubHome(join(folder, 'hub')))
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

const deviceOf = (device: string) => hub.client.device.get({ device })
const itemOf = async (device: string) => (await deviceOf(device)).items.find(({ name }) => name === 'skerry-agent')

const deploy = (version: number) =>
  hub.client.deployment.apply({
    name: 'agents',
    deployable: 'skerry-agent',
    version: String(version),
    probation: { seconds: 1 },
  })

test('a version is rolled out to two devices, and proves itself', async () => {
  await vi.waitFor(async () => {
    for (const device of DEVICES) expect((await deviceOf(device)).inventory?.capabilities).toContain('agent')
  }, PATIENCE_MS)
  await skerry('agent', 'push', await pack('0.1.1'))
  await deploy(2)
  await vi.waitFor(async () => {
    for (const device of DEVICES) {
      expect(await itemOf(device)).toMatchObject({ state: 'active', serving: { version: 2 } })
      expect(await deviceOf(device)).toMatchObject({ agentVersion: '0.1.1', liveness: 'online' })
    }
  }, PATIENCE_MS)
})

test('a version that crashes at its start returns by itself, and its rollout stops', async () => {
  // It passes the check of itself, and ends when it is to serve.
  const main = await readFile(join(ROOT, 'apps/agent/src/main.ts'), 'utf8')
  const crashing = main.replace(
    "const { runAgent } = await import('./agent.ts')",
    "process.exit(41); const { runAgent } = await import('./agent.ts')",
  )
  await skerry('agent', 'push', await pack('0.1.2', { 'apps/agent/src/main.ts': crashing }))
  await deploy(3)
  await vi.waitFor(async () => {
    const items = await Promise.all(DEVICES.map(itemOf))
    const failed = items.find((item) => item?.state === 'failed')
    expect(failed).toMatchObject({ cause: { code: 'agent_crashed' }, serving: { version: 2 } })
  }, PATIENCE_MS)
  for (const device of DEVICES)
    expect(await deviceOf(device)).toMatchObject({ agentVersion: '0.1.1', liveness: 'online' })
})
