/**
 * Bad versions of the agent: versions that crash, hang, cannot connect, or fill the memory, and a launcher that is killed
 * at any moment. Each device returns to its version by itself, and is connected again: 50 of 50.
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

/** Five devices come back at the same time, each from ten versions. Most of the time the launchers only wait. */
const DEVICES = ['press', 'oven', 'drill', 'crane', 'valve'] as const
type Name = (typeof DEVICES)[number]
const ROUNDS = 10 / DEVICES.length

type Place = { device: Name; root: string; data: string; logFolder: string; contactSeconds: number }

let folder: string
let hub: HubProgram
let skerry: CommandLine
let places: Record<Name, Place>
const devices = new Map<Name, LaunchedDevice>()
let versions = 1

/** In seconds. A good version reaches its hub in two, and on a busy computer in twenty. The launcher waits as long for a version that hangs. */
const CONTACT_SECONDS = 30

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'skerry-bad-'))
  await lendModules(folder)
  hub = await startHub(await newHubHome(join(folder, 'hub')))
  skerry = commandLine(hub, folder)
  await skerry('site', 'create', 'hamburg', '--kind', 'edge', '--country', 'DE')
  const file = await pack('0.1.0')
  await skerry('agent', 'push', file)
  const placeOf = (device: Name): Place => ({
    device,
    root: join(folder, device, 'software'),
    data: join(folder, device, 'data'),
    logFolder: folder,
    contactSeconds: CONTACT_SECONDS,
  })
  places = Object.fromEntries(DEVICES.map((device) => [device, placeOf(device)])) as Record<Name, Place>
  for (const device of DEVICES) {
    const place = places[device]
    await mkdir(place.root, { recursive: true })
    await installVersion(hub, { root: place.root, version: 1, file })
    const token = (await skerry('device', 'token', 'create', '--site', 'hamburg')).trim()
    devices.set(device, await launch({ ...place, token }))
  }
}, 2 * PATIENCE_MS)

afterAll(async () => {
  await Promise.all([...devices.values()].map((device) => device.stop()))
  await hub?.stop()
  await rm(folder, { recursive: true, force: true })
})

async function pack(version: string, patch: Readonly<Record<string, string>> = {}): Promise<string> {
  const target = join(folder, 'agent.tar')
  await buildAgentPackage({ target, version, patch })
  return target
}

/** Pushes a version with one changed source. */
async function push(patch: Readonly<Record<string, string>>): Promise<number> {
  await skerry('agent', 'push', await pack(`0.1.${versions}`, patch))
  versions += 1
  return versions
}

async function deploy(device: Name, version: number): Promise<void> {
  await hub.client.deployment.apply({
    name: `agent-of-${device}`,
    deployable: 'skerry-agent',
    version: String(version),
    selector: `device.name == "${device}"`,
    probation: { seconds: 1 },
  })
}

const itemOf = async (device: Name) =>
  (await hub.client.device.get({ device })).items.find(({ name }) => name === 'skerry-agent')

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

test.each(Object.keys(bad))(
  'ten of ten devices return from a version with the fault: %s',
  async (name) => {
    for (let round = 0; round < ROUNDS; round++) {
      const wanted = new Map<Name, number>()
      for (const [index, device] of DEVICES.entries())
        wanted.set(device, await push((await bad[name]?.patch(round * DEVICES.length + index + 1)) ?? {}))
      for (const [device, version] of wanted) await deploy(device, version)
      await Promise.all([...wanted].map(([device, version]) => returned(device, version, bad[name]?.codes ?? /never/)))
    }
  },
  ROUNDS * 3 * PATIENCE_MS,
)

/** Waits until the device has given the version up, and its first version is connected again. */
async function returned(device: Name, version: number, codes: RegExp): Promise<void> {
  await vi.waitFor(async () => {
    const item = await itemOf(device)
    expect(item).toMatchObject({ state: 'failed', target: { version } })
    expect(item?.cause?.code).toMatch(codes)
    const { link, agentVersion } = await hub.client.device.get({ device })
    expect({ link, agentVersion }).toMatchObject({ link: { connected: true }, agentVersion: '0.1.0' })
  }, 2 * PATIENCE_MS)
}

test(
  'a device whose launcher is killed at any moment of an update ends with a version that works',
  async () => {
    const place = places.press
    const change = async (text: string) => push({ [MAIN]: `${await source(MAIN)}\n// ${text}\n` })
    for (let cut = 0; cut < 30; cut++) {
      if (cut % 5 === 0) await deploy('press', await change(`Cut ${cut}`))
      await sleep(150 * (cut % 20))
      await devices.get('press')?.kill()
      devices.set('press', await launch(place))
    }
    const version = await change('The last one')
    await deploy('press', version)
    await vi.waitFor(async () => {
      expect(await itemOf('press')).toMatchObject({ state: 'active', serving: { version } })
      expect((await hub.client.device.get({ device: 'press' })).link.connected).toBe(true)
    }, PATIENCE_MS)
  },
  10 * PATIENCE_MS,
)
