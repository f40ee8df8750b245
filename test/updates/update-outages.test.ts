/**
 * Updates of an agent during outages: its clock jumps, its hubs are away for days, and one of two hubs dies. The device
 * ends with a version that works, and the hub knows which one.
 *
 * @module-tag deep two hubs on PostgreSQL, and seven updates with their deadlines
 */
import { existsSync } from 'node:fs'
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { PATIENCE_MS } from '@skerry/testkit/patience'
import { hasPostgres } from '@skerry/testkit/postgres-cluster'
import { until } from '@skerry/testkit/until'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readFailures } from '../../apps/agent/src/launcher/launch-files.ts'
import { type CommandLine, commandLine } from '../../examples/stage/command-line.ts'
import { buildAgentPackage } from '../../scripts/agent/agent-package.ts'
import { type HubPair, openHubPair } from '../stage/two-hubs.ts'
import { installVersion, type LaunchedDevice, launch, lendModules } from './devices.ts'

/** The library comes from Debian's package `faketime`. */
const FAKETIME = ['x86_64', 'aarch64']
  .map((cpu) => `/usr/lib/${cpu}-linux-gnu/faketime/libfaketime.so.1`)
  .find(existsSync)

const MAIN = 'apps/agent/src/main.ts'

describe.skipIf(!hasPostgres || FAKETIME === undefined)('an update during an outage', () => {
  let pair: HubPair
  let skerry: CommandLine
  let device: LaunchedDevice
  let root: string
  let versions = 0
  /** The version that the device runs by the last test. */
  let good = 1

  const clockFile = () => join(pair.folder, 'clock')
  /** In one step: a process that read an empty file would end. */
  async function setClock(by: string): Promise<void> {
    await writeFile(`${clockFile()}.new`, by)
    await rename(`${clockFile()}.new`, clockFile())
  }

  beforeAll(async () => {
    pair = await openHubPair()
    const [hub] = pair.hubs
    await lendModules(pair.folder)
    skerry = commandLine(hub, pair.folder)
    await skerry('site', 'create', 'hamburg', '--kind', 'edge', '--country', 'DE')
    const file = await push()
    root = join(pair.folder, 'software')
    await mkdir(root)
    await installVersion(hub, { root, version: 1, file })
    const token = (await skerry('device', 'token', 'create', '--site', 'hamburg')).trim()
    await setClock('+0')
    device = await launch({
      device: 'press',
      root,
      data: join(pair.folder, 'data'),
      logFolder: pair.folder,
      token,
      contactSeconds: 30,
      env: {
        LD_PRELOAD: FAKETIME,
        FAKETIME_TIMESTAMP_FILE: clockFile(),
        FAKETIME_NO_CACHE: '1',
        FAKETIME_DONT_FAKE_MONOTONIC: '1',
      },
    })
  }, 2 * PATIENCE_MS)

  afterAll(async () => {
    await device?.stop()
    await pair?.[Symbol.asyncDispose]()
  })

  async function push(): Promise<string> {
    const target = join(pair.folder, `agent-${versions}.tar`)
    const source = await readFile(join(import.meta.dirname, '../..', MAIN), 'utf8')
    const patch = { [MAIN]: `${source}\n// ${versions}\n` }
    await buildAgentPackage({ target, version: `0.1.${versions}`, patch })
    await skerry('agent', 'push', target)
    versions += 1
    return target
  }

  /** Any hub that lives. */
  const client = async () => {
    const isUp = await Promise.all([0, 1].map((index) => fetchReady(index)))
    return pair.clientOf(isUp.indexOf(true))
  }
  const fetchReady = (index: number) =>
    pair
      .clientOf(index)
      .hub.health({})
      .then(
        () => true,
        () => false,
      )

  const log = () => readFile(join(pair.folder, 'press.log'), 'utf8')
  const count = async (event: string) => (await log()).split(`"event":"${event}"`).length - 1

  /** Pushes a version, and waits until the device has begun to change to it. */
  async function beginUpdate(event: 'standby_started' | 'agent_hands_over'): Promise<number> {
    await push()
    const before = await count(event)
    const spec = { name: 'agents', deployable: 'skerry-agent', version: String(versions), probation: { seconds: 1 } }
    await (await client()).deployment.apply(spec)
    await until(async () => (await count(event)) > before, { what: event, everyMs: 20 })
    return versions
  }

  /** The item of the agent, as the hub sees it. */
  async function seen() {
    const { items, link, agentVersion } = await (await client()).device.get({ device: 'press' })
    const item = items.find(({ name }) => name === 'skerry-agent')
    const { state, target, cause } = item ?? {}
    return { state, version: target?.version, code: cause?.code, isConnected: link.connected, agentVersion }
  }

  async function ends(wanted: Partial<Awaited<ReturnType<typeof seen>>>): Promise<void> {
    const isSo = async () => {
      const now = await seen()
      return Object.entries(wanted).every(([name, value]) => now[name as keyof typeof now] === value)
    }
    await until(isSo, { what: JSON.stringify(wanted), patienceMs: 2 * PATIENCE_MS, everyMs: 200, seen })
  }

  const runs = (version: number) => ({
    state: 'active' as const,
    version,
    isConnected: true,
    agentVersion: `0.1.${version - 1}`,
  })

  const returned = (version: number) => ({
    state: 'failed' as const,
    version,
    code: 'agent_unconfirmed',
    isConnected: true,
    agentVersion: `0.1.${good - 1}`,
  })

  /** The launcher has given a version up that the hub does not know of yet. */
  async function givesUp(): Promise<void> {
    const before = readFailures(root).length
    await until(() => readFailures(root).length > before, { what: 'a version that is given up', everyMs: 200 })
    expect(readFailures(root).at(-1)?.code).toBe('agent_unconfirmed')
  }

  test.each(['+1h', '-1h'])('a clock that jumps by %s changes nothing', async (by) => {
    const version = await beginUpdate('standby_started')
    await setClock(by)
    await ends(runs(version))
    good = version
    await setClock('+0')
  })

  test.each(['+10y', '-10y'])(
    'a clock that jumps by %s keeps the new version from its hub, and the one before returns in time',
    async (by) => {
      const version = await beginUpdate('standby_started')
      await setClock(by)
      await givesUp()
      await setClock('+0')
      await ends(returned(version))
    },
  )

  test('a device without a hub for three days returns, reports it afterwards, and takes the next version', async () => {
    const version = await beginUpdate('standby_started')
    await Promise.all(pair.hubs.map((hub) => hub.kill()))
    await givesUp()
    await setClock('+3d')
    await pair.restart(0)
    await pair.restart(1)
    await ends(returned(version))
    good = await beginUpdate('agent_hands_over')
    await ends(runs(good))
    await setClock('+0')
  })

  test('the hub of a device dies in the middle of an update, which ends through the other hub', async () => {
    const version = await beginUpdate('standby_started')
    const [links] = await pair.links()
    const index = links > 0 ? 0 : 1
    await pair.hubs[index].kill()
    await ends(runs(version))
    good = version
    await pair.restart(index)
  })
})
