/**
 * A system release with an operating system: the real SWUpdate, fw_setenv, launcher, agent and hub. The release installs
 * the image, the agent, data and a model in this order. All of them return when the last one fails.
 *
 * @module-tag deep restarts of a machine with an agent, and versions of the agent
 */
import { readFileSync } from 'node:fs'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { PATIENCE_MS } from '@skerry/testkit/patience'
import { until } from '@skerry/testkit/until'
import { hasSwupdate } from '@skerry/testkit/updates/swupdate'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type CommandLine, commandLine } from '../../examples/stage/command-line.ts'
import { type HubHome, type HubProgram, newHubHome, startHub } from '../../examples/stage/fleet.ts'
import { installVersion, type LaunchedDevice, launch, lendModules } from './devices.ts'
import { type Gateway, GOOD, openGateway } from './stage/gateway.ts'
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

const OS = 'gateway-os'

/** Release 1 works, release 2 has a model without stable answers as its last part, and release 3 works. */
const RELEASES: readonly [Parts, Parts, Parts] = [
  { [OS]: 1, 'skerry-agent': 1, limits: 1, [MODEL]: 1 },
  { [OS]: 2, 'skerry-agent': 2, limits: 2, [MODEL]: 3 },
  { [OS]: 2, 'skerry-agent': 2, limits: 2, [MODEL]: 2 },
]
const [ONE, , THREE] = RELEASES

let folder: string
let home: HubHome
let hub: HubProgram
let skerry: CommandLine
let gateway: Gateway
let device: LaunchedDevice
let place: Parameters<typeof launch>[0]

const machine = {
  stop: () => device.kill(),
  async start() {
    device = await launch(place)
  },
}

const settled = (parts: Parts) => settledParts(hub, parts)

/** The newest lines of the agent's log, for a wait that fails. */
const lastLines = () => readFileSync(join(folder, 'press.log'), 'utf8').split('\n').slice(-60).join('\n')

const explained = () => explainedParts(hub)

describe.skipIf(!hasSwupdate)('a release with an operating system', () => {
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'skerry-system-os-'))
    await lendModules(folder)
    home = await newHubHome(join(folder, 'hub'))
    hub = await startHub(home)
    skerry = commandLine(hub, folder)
    gateway = await openGateway(folder)
    await skerry('site', 'create', 'hamburg', '--kind', 'edge', '--country', 'DE')
    for (const version of ['1.0', '2.0']) await skerry('os', 'push', OS, await gateway.image(version))
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
    place = { device: 'press', root, data: join(folder, 'data'), logFolder: folder, options, env }
    const token = (await skerry('device', 'token', 'create', '--site', 'hamburg')).trim()
    device = await launch({ ...place, token })
  }, 6 * PATIENCE_MS)

  afterAll(async () => {
    await device?.stop()
    await hub?.stop()
    if (folder) await rm(folder, { recursive: true, force: true })
  })

  test(
    'the system goes first, and all parts return when the last one fails',
    async () => {
      await deployRelease(hub, 1)
      await until(async () => (await gateway.restarts()) > 0, { what: 'the restart into the new system' })
      // The other parts wait until the system has passed its probation.
      expect(await explained()).toEqual([
        [OS, 1, 'moving'],
        ...['skerry-agent', 'limits', MODEL].map((name) => [name, 1, 'waiting']),
      ])
      expect(await gateway.restarted(machine, lastLines)).toBe('b')
      await settled(ONE)
      expect(gateway.variables()).toMatchObject({ skerry_slot: 'b', ustate: '0', ...GOOD })

      await deployRelease(hub, 2)
      expect(await gateway.restarted(machine, lastLines)).toBe('a')
      // The agent, the data and the model follow in the new system. The failure of the model brings the old one back.
      expect(await gateway.restarted(machine, lastLines)).toBe('b')
      await settled(ONE)
      const { failures = [] } = await hub.client.deployment.get({ deployment: 'line' })
      expect(failures).toMatchObject([{ device: 'press', outcome: 'failed', code: 'golden_mismatch' }])
      expect(await explained()).toEqual([
        [OS, 2, 'returned'],
        ['skerry-agent', 2, 'returned'],
        ['limits', 2, 'returned'],
        [MODEL, 3, 'returned'],
      ])
      await until(() => gateway.variables().upgrade_available === '0')
      expect(gateway.variables()).toMatchObject({ skerry_slot: 'b', ...GOOD })
      expect([await gateway.slotText('b'), await gateway.slotText('a')]).toEqual(['system 1.0', 'system 2.0'])
      // One restart for each change of the system, and none for the other parts.
      expect(await gateway.restarts()).toBe(3)
    },
    8 * PATIENCE_MS,
  )

  /** Milliseconds after the deployment of a release, and after the cut before. */
  const CUTS = [
    { release: 2, after: [8_000, 20_000], result: ONE },
    { release: 3, after: [1_000, 6_000], result: THREE },
    { release: 1, after: [2_000, 9_000], result: ONE },
  ]

  test(
    'the machine loses its power in the middle of a release, and all parts arrive or return',
    async () => {
      for (const { release, after, result } of CUTS) {
        await deployRelease(hub, release)
        for (const [turn, ms] of after.entries()) {
          await sleep(ms)
          if (turn === 0) {
            await hub.kill()
            hub = await startHub(home)
          }
          await gateway.reboot(machine)
        }
        const parts = Object.entries(RELEASES[release - 1] ?? {})
        const expected = parts.map(([name, version]) => [
          name,
          version,
          result === RELEASES[release - 1] ? 'installed' : 'returned',
        ])
        await until(
          async () => {
            await gateway.rebootIfWanted(machine)
            return JSON.stringify(await explained()) === JSON.stringify(expected)
          },
          { what: `release ${release} has ended`, patienceMs: 3 * PATIENCE_MS, everyMs: 500, seen: explained },
        )
        await settled(result)
        await until(() => gateway.variables().upgrade_available === '0')
        const running = gateway.variables().skerry_slot ?? ''
        expect(await gateway.slotText(running)).toBe(`system ${result[OS]}.0`)
      }
    },
    12 * PATIENCE_MS,
  )
})
