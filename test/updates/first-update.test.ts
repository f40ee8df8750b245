/**
 * The first update of an agent that the install command brought, with whole packages. Node and the unpacked archives
 * stand only in the installed version. The device takes Node and the unchanged chunks from there instead of from the
 * hub.
 *
 * @module-tag deep it builds two packages of 225 MB and installs one
 */
import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { PATIENCE_MS } from '@skerry/testkit/patience'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { type CommandLine, commandLine } from '../../examples/stage/command-line.ts'
import { type HubProgram, newHubHome, startHub } from '../../examples/stage/fleet.ts'
import { buildAgentPackage } from '../../scripts/agent/agent-package.ts'
import { startInstalled } from './devices.ts'

let folder: string
let hub: HubProgram
let skerry: CommandLine

async function push(version: string, patch: Readonly<Record<string, string>> = {}) {
  const target = join(folder, `${version}.tar`)
  const manifest = await buildAgentPackage({ target, version, isWhole: true, patch })
  await skerry('agent', 'push', target)
  return manifest
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'skerry-first-update-'))
  hub = await startHub(await newHubHome(join(folder, 'hub')))
  skerry = commandLine(hub, folder)
  await skerry('site', 'create', 'hamburg', '--kind', 'edge', '--country', 'DE')
}, PATIENCE_MS)

afterAll(async () => {
  await hub?.stop()
  await rm(folder, { recursive: true, force: true })
})

/** A module that the agent loads, and the bytes that change in it. */
const CHANGED = 'node_modules/zod/v4/core/schemas.js'
const CHANGED_BYTES = 300_000

async function changedModule(): Promise<Record<string, string>> {
  const text = await readFile(join(import.meta.dirname, '../..', CHANGED), 'utf8')
  return { [CHANGED]: `${text}\n// ${randomBytes(CHANGED_BYTES).toString('base64')}\n` }
}

/** The index of an archive of 90 MB, the pages of its changed groups, and the chunks around each change. */
const OVERHEAD_BYTES = 150_000

type Entry = { event?: string; digest?: string; path?: string; receivedBytes?: number }

/** The events of the log of the device. Its launcher may write other lines. */
async function entriesOf(event: string): Promise<Entry[]> {
  const lines = (await readFile(join(folder, 'installed.log'), 'utf8')).split('\n')
  const entries = lines.filter((line) => line.startsWith('{')).map((line): Entry => JSON.parse(line))
  return entries.filter((entry) => entry.event === event)
}

test(
  'the first update after an installation fetches no byte of Node, and of the archives little but their changes',
  async () => {
    const { parts } = await push('0.1.0')
    const node = parts.find(({ form }) => form === 'program')
    const { command } = JSON.parse(await skerry('device', 'install-command', '--site', 'hamburg', '--json'))
    const line = command.replace('sh -s --', `sh -s -- --no-service --dir ${join(folder, 'press')} --name press`)
    await promisify(execFile)('sh', ['-c', line], { cwd: folder })
    const agent = startInstalled(join(folder, 'press'), folder)
    try {
      await vi.waitFor(
        async () => {
          const device = await hub.client.device.get({ device: 'press' })
          expect(device).toMatchObject({ link: { connected: true }, agentVersion: '0.1.0' })
        },
        { timeout: PATIENCE_MS, interval: 200 },
      )
      await push('0.1.1', await changedModule())
      const update = { deployable: 'skerry-agent', version: '2', probation: { seconds: 1 } }
      await hub.client.deployment.apply({ name: 'agents', ...update })
      await vi.waitFor(
        async () => {
          const { items, agentVersion } = await hub.client.device.get({ device: 'press' })
          expect([agentVersion, items]).toMatchObject(['0.1.1', [{ state: 'active', target: { version: 2 } }]])
        },
        { timeout: 2 * PATIENCE_MS, interval: 200 },
      )
      expect(await entriesOf('installed_part_used')).toMatchObject([{ digest: node?.digest }])
      const fetched = await entriesOf('file_fetched')
      const bytesOf = (wanted = '') => fetched.find(({ path }) => path === wanted)?.receivedBytes
      expect(bytesOf(node?.path)).toBe(0)
      expect(bytesOf('parts/modules.tar')).toBeGreaterThan(CHANGED_BYTES)
      expect(bytesOf('parts/modules.tar')).toBeLessThan(CHANGED_BYTES + OVERHEAD_BYTES)
      expect(bytesOf('parts/code.tar')).toBeGreaterThan(0)
      expect(bytesOf('parts/code.tar')).toBeLessThan(OVERHEAD_BYTES)
    } finally {
      await agent.stop()
    }
  },
  4 * PATIENCE_MS,
)
