/**
 * Bad versions of the agent: versions that crash, hang, cannot connect, or fill the memory, and a launcher that is killed
 * at any moment. Each device returns to its version by itself, and is connected again.
 *
 * @module-tag deep fifty bad versions and thirty power cuts, each with two starts
 */
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { PATIENCE_MS } from '@skerry/testkit/patience'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { type CommandLine, commandLine } from '../../examples/stage/command-line.ts'
import { type HubProgram, newHubHome, startHub } from '../../examples/stage/fleet.ts'
import { buildAgentPackage } from '../../scripts/agent/agent-package.ts'
import { installVersion, type LaunchedDevice, launch, lendModules } from './devices.ts'

const ROOT = join(import.meta.dirname, '../..')
const MAIN = 'apps/agent/src/main.ts'
const LINK = 'apps/agent/src/link/link.ts'

let folder: string
let hub: HubProgram
let skerry: CommandLine
let device: LaunchedDevice
let place: { device: string; root: string; data: string; logFolder: string; contactSeconds: number }
let versions = 1

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'skerry-bad-'))
  await lendModules(folder)
  hub = await startHub(await newHubHome(join(folder, 'hub')))
  skerry = commandLine(hub, folder)
  await skerry('site', 'create', 'hamburg', '--kind', 'edge', '--country', 'DE')
  const file = await pack('0.1.0')
  await skerry('agent', 'push', file)
  place = {
    device: 'press',
    root: join(folder, 'software'),
    data: join(folder, 'data'),
    logFolder: folder,
    contactSeconds: 30,
  }
  await mkdir(place.root)
  await installVersion(hub, { root: place.root, version: 1, file })
  const token = (await skerry('device', 'token', 'create', '--site', 'hamburg')).trim()
  device = await launch({ ...place, token })
}, PATIENCE_MS)

afterAll(async () => {
  await device?.stop()
  await hub?.stop()
  await rm(folder, { recursive: true, force: true })
})

async function pack(version: string, patch: Readonly<Record<string, string>> = {}): Promise<string> {
  const target = join(folder, 'agent.tar')
  await buildAgentPackage({ target, version, patch })
  return target
}

/** Pushes a version with one changed source, and deploys it. */
async function deploy(patch: Readonly<Record<string, string>>): Promise<number> {
  await skerry('agent', 'push', await pack(`0.1.${versions}`, patch))
  versions += 1
  const spec = { name: 'agents', deployable: 'skerry-agent', version: String(versions), probation: { seconds: 1 } }
  await hub.client.deployment.apply(spec)
  return versions
}

const itemOf = async () =>
  (await hub.client.device.get({ device: 'press' })).items.find(({ name }) => name === 'skerry-agent')

const source = (path: string) => readFile(join(ROOT, path), 'utf8')

const START = 'const { runAgent }'

/** Each kind of bad version, and the codes by which it is given up. */
const bad: Record<string, { codes: RegExp; patch(turn: number): Promise<Record<string, string>> }> = {
  crash: {
    codes: /agent_crashed/,
    patch: async (turn) => ({ [MAIN]: (await source(MAIN)).replace(START, `process.exit(${40 + turn}); ${START}`) }),
  },
  'late crash': {
    codes: /agent_crashed/,
    patch: async (turn) => ({
      [MAIN]: (await source(MAIN)).replace(START, `setTimeout(() => process.abort(), ${300 * turn}); ${START}`),
    }),
  },
  hang: {
    codes: /agent_unconfirmed/,
    patch: async (turn) => ({ [MAIN]: (await source(MAIN)).replace(START, `for (;${turn};) continue; ${START}`) }),
  },
  'no connection': {
    codes: /agent_unconfirmed/,
    patch: async (turn) => ({
      [LINK]: (await source(LINK)).replace(
        'export function createLink(',
        `export const createLink = () => ({ touch() {}, reportNow() {}, run: (signal: AbortSignal) => new Promise<void>((done) => signal.addEventListener('abort', () => done(), { once: true })), turn: ${turn} })\nfunction createOther(`,
      ),
    }),
  },
  leak: {
    codes: /agent_memory|agent_crashed/,
    patch: async (turn) => ({
      [MAIN]: (await source(MAIN)).replace(
        START,
        `const held: Buffer[] = []; setInterval(() => held.push(Buffer.alloc(${50 + turn}_000_000, 1)), 20); ${START}`,
      ),
    }),
  },
}

const TURNS = 10

test.each(Object.keys(bad))(
  'a device returns from each of ten versions with the fault: %s',
  async (name) => {
    for (let turn = 1; turn <= TURNS; turn++) {
      const version = await deploy((await bad[name]?.patch(turn)) ?? {})
      await vi.waitFor(async () => {
        const item = await itemOf()
        expect(item).toMatchObject({ state: 'failed', target: { version } })
        expect(item?.cause?.code).toMatch(bad[name]?.codes ?? /never/)
      }, PATIENCE_MS)
      await vi.waitFor(async () => {
        const { link, agentVersion } = await hub.client.device.get({ device: 'press' })
        expect({ link, agentVersion }).toMatchObject({ link: { connected: true }, agentVersion: '0.1.0' })
      }, PATIENCE_MS)
    }
  },
  TURNS * PATIENCE_MS,
)

test(
  'a device whose launcher is killed at any moment of an update ends with a version that works',
  async () => {
    for (let cut = 0; cut < 30; cut++) {
      if (cut % 5 === 0) await deploy({ [MAIN]: `${await source(MAIN)}\n// Cut ${cut}\n` })
      await sleep(150 * (cut % 20))
      await device.kill()
      device = await launch(place)
    }
    const item = await deploy({ [MAIN]: `${await source(MAIN)}\n// The last one\n` })
    await vi.waitFor(async () => {
      expect(await itemOf()).toMatchObject({ state: 'active', serving: { version: item } })
      expect((await hub.client.device.get({ device: 'press' })).link.connected).toBe(true)
    }, PATIENCE_MS)
  },
  10 * PATIENCE_MS,
)
