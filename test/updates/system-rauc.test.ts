/**
 * A system release with a bundle of RAUC: the real RAUC with its service and its code for GRUB, launcher, agent and hub.
 * The release installs the bundle, the agent, data and a model in this order. All of them return when the last one fails.
 *
 * @module-tag deep restarts of a machine with an agent, and versions of the agent
 */
import { readFileSync } from 'node:fs'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PATIENCE_MS } from '@skerry/testkit/patience'
import { until } from '@skerry/testkit/until'
import { hasRauc } from '@skerry/testkit/updates/rauc'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type CommandLine, commandLine } from '../../examples/stage/command-line.ts'
import { type HubProgram, newHubHome, startHub } from '../../examples/stage/fleet.ts'
import { installVersion, type LaunchedDevice, launch, lendModules } from './devices.ts'
import { openRaucGateway, type RaucGateway } from './stage/rauc-gateway.ts'
import {
  deployRelease,
  explainedParts,
  MODEL,
  type Parts,
  packAgent,
  pushLimits,
  pushModels,
  pushReleases,
  settledParts,
} from './stage/releases.ts'

const OS = 'plant-os'

/** Release 1 works, release 2 has a model without stable answers as its last part, and release 3 works. */
const RELEASES: readonly [Parts, Parts, Parts] = [
  { [OS]: 1, 'skerry-agent': 1, limits: 1, [MODEL]: 1 },
  { [OS]: 2, 'skerry-agent': 2, limits: 2, [MODEL]: 3 },
  { [OS]: 2, 'skerry-agent': 2, limits: 2, [MODEL]: 2 },
]
const [ONE, TWO, THREE] = RELEASES

let folder: string
let hub: HubProgram
let skerry: CommandLine
let gateway: RaucGateway
let device: LaunchedDevice
let place: Parameters<typeof launch>[0]

const machine = {
  stop: () => device.kill(),
  async start() {
    device = await launch(place)
  },
}

/** The newest lines of the agent's log, for a wait that fails. */
const lastLines = () => readFileSync(join(folder, 'press.log'), 'utf8').split('\n').slice(-60).join('\n')

const restarted = () => gateway.restarted(machine, lastLines)

/** The systems of the slots A and B. */
const systems = async () => [await gateway.systemOf('A'), await gateway.systemOf('B')]

/** Waits until both slots may start, and neither is on trial. */
const atRest = (order: string) =>
  until(() => {
    const { ORDER, A_TRY, B_TRY } = gateway.variables()
    return ORDER === order && A_TRY === '0' && B_TRY === '0'
  })

const states = (parts: Parts, state: string) => Object.entries(parts).map(([name, version]) => [name, version, state])

describe.skipIf(!hasRauc)('a release with a bundle of RAUC', () => {
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'skerry-system-rauc-'))
    await lendModules(folder)
    hub = await startHub(await newHubHome(join(folder, 'hub')))
    skerry = commandLine(hub, folder)
    gateway = await openRaucGateway(folder)
    await skerry('site', 'create', 'hamburg', '--kind', 'edge', '--country', 'DE')
    for (const version of ['1.0', '2.0']) {
      const facts = ['--image-version', version, '--compatible', 'plant']
      await skerry('os', 'push', OS, gateway.bundle(version), ...facts)
    }
    const root = join(folder, 'software')
    await mkdir(root)
    const first = await packAgent(folder, '0.1.0', 'first')
    await skerry('agent', 'push', first)
    await installVersion(hub, { root, version: 1, file: first })
    await skerry('agent', 'push', await packAgent(folder, '0.1.1', 'second'))
    await pushLimits(skerry, folder)
    await pushModels(hub)
    await pushReleases(skerry, folder, RELEASES)
    const { words: options, env } = gateway
    place = { device: 'press', root, data: join(folder, 'agent'), logFolder: folder, options, env }
    const token = (await skerry('device', 'token', 'create', '--site', 'hamburg')).trim()
    device = await launch({ ...place, token })
  }, 6 * PATIENCE_MS)

  afterAll(async () => {
    await device?.stop()
    await gateway?.stop()
    await hub?.stop()
    if (folder) await rm(folder, { recursive: true, force: true })
  })

  test(
    'goes out with the system first, returns as a whole when its last part fails, and goes out again',
    async () => {
      await deployRelease(hub, 1)
      expect(await restarted()).toBe('B')
      await settledParts(hub, ONE)
      expect(await systems()).toEqual(['0.0', '1.0'])

      await deployRelease(hub, 2)
      // The agent, the data and the model follow in the new system. The failure of the model brings the old one back.
      expect([await restarted(), await restarted()]).toEqual(['A', 'B'])
      await settledParts(hub, ONE)
      const { failures = [] } = await hub.client.deployment.get({ deployment: 'line' })
      expect(failures).toMatchObject([{ device: 'press', outcome: 'failed', code: 'golden_mismatch' }])
      expect(await explainedParts(hub)).toEqual(states(TWO, 'returned'))
      expect(await systems()).toEqual(['2.0', '1.0'])
      await atRest('B A')

      await deployRelease(hub, 3)
      expect(await restarted()).toBe('A')
      await settledParts(hub, THREE)
      expect(await explainedParts(hub)).toEqual(states(THREE, 'installed'))
      await atRest('A B')
      // One restart for each change of the system, and none for the other parts.
      expect(await gateway.restarts()).toBe(4)
    },
    10 * PATIENCE_MS,
  )
})
