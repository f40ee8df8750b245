/**
 * Mixed versions: the hub and the agent of each release, from its recorded commit, together with those of this build. Hub
 * and agents are upgraded and downgraded in the middle of a rollout, and models serve on.
 *
 * @module-tag deep it starts the programs of an earlier release from its commit, each a few times
 */
import { spawnSync } from 'node:child_process'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { MODEL_PATH } from '@skerry/contract/kinds/model'
import { PATIENCE_MS } from '@skerry/testkit/patience'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { bringRecordsBack, keepRecords } from '../../apps/agent/src/updates/records-copy.ts'
import {
  type AgentProgram,
  type HubHome,
  type HubProgram,
  joinAgent,
  newHubHome,
  startHub,
} from '../../examples/stage/fleet.ts'
import { floatTensor } from '../../examples/stage/push.ts'
import { deployModel, requestModel } from '../updates/devices.ts'
import { releases } from './release-corpus.ts'
import { hasCommit, migrationsOf, type ReleaseTree, releaseTree } from './release-tree.ts'

describe.each(releases)('%s', (version) => {
  let folder: string
  let old: ReleaseTree
  const programs: (HubProgram | AgentProgram)[] = []

  beforeAll(async () => {
    if (hasCommit(version)) old = await releaseTree(version)
    folder = await mkdtemp(join(tmpdir(), 'skerry-mixed-'))
  })

  afterAll(async () => {
    for (const program of programs.toReversed()) await program.stop()
    await rm(folder, { recursive: true, force: true })
  })

  async function newHub(name: string, entry?: string): Promise<{ hub: HubProgram; home: HubHome }> {
    const home = await newHubHome(join(folder, name))
    const hub = await startHub({ ...home, ...(entry !== undefined && { entry }) })
    programs.push(hub)
    await hub.client.site.apply({ name: 'oslo', kind: 'edge' })
    return { hub, home }
  }

  async function newAgent(hub: HubProgram, home: HubHome, device: string, entry?: string): Promise<AgentProgram> {
    const { token } = await hub.client.token.create({ site: 'oslo' })
    await mkdir(home.folder, { recursive: true })
    const place = { device, folder: home.folder, token }
    const agent = await joinAgent({ ...place, ...(entry !== undefined && { entry }) })
    programs.push(agent)
    return agent
  }

  async function replace<P extends HubProgram | AgentProgram>(before: P, start: () => Promise<P>): Promise<P> {
    await before.stop()
    const after = await start()
    programs.splice(programs.indexOf(before), 1, after)
    return after
  }

  const serves = (agents: readonly AgentProgram[]) =>
    vi.waitFor(async () => {
      const answers = await Promise.all(agents.map(({ restUrl }) => requestModel({ restUrl: httpOf(restUrl) })))
      expect(answers).toEqual(agents.map(() => 200))
    }, PATIENCE_MS)

  const activeOn = async (hub: HubProgram, devices: readonly string[], model: number): Promise<number> => {
    const items = await Promise.all(
      devices.map(async (device) => {
        const found = await hub.client.device.get({ device })
        const item = found.items.find(({ name }) => name === 'relu')
        return found.link.connected && item?.state === 'active' && item.serving?.version === model
      }),
    )
    return items.filter(Boolean).length
  }

  const isServing = (hub: HubProgram, devices: readonly string[], model: number) =>
    vi.waitFor(async () => expect(await activeOn(hub, devices, model)).toBe(devices.length), PATIENCE_MS)

  /** Stops a rollout in its middle: one device has the new version, and the other one waits. */
  async function pauseHalfway(hub: HubProgram, devices: readonly string[]): Promise<string> {
    await pushRelu(hub)
    const waves = [{ limit: 1, soakSeconds: 5 }, {}]
    await hub.client.deployment.apply({ ...RELU, version: '2', strategy: { waves } })
    const [rollout] = (await hub.client.rollout.list({ deployment: 'relu' })).rows
    if (rollout === undefined) throw new Error('the second version makes no rollout')
    await vi.waitFor(async () => expect(await activeOn(hub, devices, 2)).toBe(1), PATIENCE_MS)
    await hub.client.rollout.pause({ rollout: rollout.id, reason: 'a hub is upgraded' })
    expect(await activeOn(hub, devices, 2)).toBe(1)
    return rollout.id
  }

  const isDone = (hub: HubProgram, rollout: string) =>
    vi.waitFor(async () => expect((await hub.client.rollout.get({ rollout })).status).toBe('done'), PATIENCE_MS)

  test.runIf(hasCommit(version))(
    'a hub and an agent of the release are upgraded in the middle of a rollout, which then ends',
    async () => {
      const names = ['old', 'new']
      const { hub: before, home } = await newHub('upgrade', old.hub)
      const first = await newAgent(before, home, 'old', old.agent)
      const second = await newAgent(before, home, 'new')
      await deployModel(before)
      await isServing(before, names, 1)
      await serves([first, second])
      const rollout = await pauseHalfway(before, names)

      const hub = await replace(before, () => startHub(home))
      await serves([first, second])
      await vi.waitFor(async () => expect(await connectedOf(hub, names)).toEqual([true, true]), PATIENCE_MS)
      expect(await activeOn(hub, names, 2)).toBe(1)
      await hub.client.rollout.resume({ rollout, reason: 'the hub is upgraded' })
      await isDone(hub, rollout)
      await isServing(hub, names, 2)
      expect((await hub.client.audit.verify({})).intact).toBe(true)

      const upgraded = await replace(first, () => first.again(AGENT))
      await isServing(hub, names, 2)
      await serves([upgraded, second])
    },
    8 * PATIENCE_MS,
  )

  test.runIf(hasCommit(version))('this build keeps each migration of the release, in the same order', () => {
    const released = old.migrations
    expect(released.length).toBeGreaterThan(0)
    expect(migrationsOf(ROOT).slice(0, released.length)).toEqual(released)
  })

  test.runIf(hasCommit(version))(
    'an older hub refuses the database of a newer one, and says why',
    async () => {
      const { hub, home } = await newHub('newer')
      await hub.stop()
      programs.splice(programs.indexOf(hub), 1)
      const data = join(home.folder, 'hub')
      if (migrationsOf(ROOT).length === old.migrations.length) addNextMigration(join(data, 'hub.sqlite'))
      expect(versionOf(join(data, 'hub.sqlite'))).toBeGreaterThan(old.migrations.length)
      const words = [join(ROOT, old.hub), '--data', data, '--listen', '127.0.0.1:0']
      const run = spawnSync(process.execPath, words, { cwd: ROOT, encoding: 'utf8', timeout: PATIENCE_MS })
      expect(run.error).toBeUndefined()
      expect(run.status).not.toBe(0)
      expect(run.stderr).toMatch(/newer/)
    },
    2 * PATIENCE_MS,
  )

  test.runIf(hasCommit(version))(
    'an agent of the release works with this hub, takes a new version, and comes back after a try with a newer agent',
    async () => {
      const { hub, home } = await newHub('downgrade')
      const agent = await newAgent(hub, home, 'old', old.agent)
      await deployModel(hub)
      await isServing(hub, ['old'], 1)
      await serves([agent])
      const newer = await replace(agent, async () => {
        await keepRecords(join(home.folder, 'old'))
        return agent.again(AGENT)
      })
      await isServing(hub, ['old'], 1)
      await serves([newer])
      const back = await replace(newer, async () => {
        await bringRecordsBack(join(home.folder, 'old'))
        return newer.again(old.agent)
      })
      await isServing(hub, ['old'], 1)
      await serves([back])
      expect((await hub.client.device.get({ device: 'old' })).agentVersion).toBe(version)
      await pushRelu(hub)
      await hub.client.deployment.apply({ ...RELU, version: '2' })
      await isServing(hub, ['old'], 2)
      await serves([back])
    },
    8 * PATIENCE_MS,
  )
})

const ROOT = join(import.meta.dirname, '../..')
const AGENT = 'apps/agent/src/main.ts'
const RELU = { name: 'relu', deployable: 'relu', probation: { seconds: 0 } }

/** The number of migrations that the database has. */
function versionOf(path: string): number {
  const database = new DatabaseSync(path, { readOnly: true })
  try {
    return Number(database.prepare('SELECT max(version) AS version FROM schema_versions').get()?.version)
  } finally {
    database.close()
  }
}

/** Until this build has a migration that the release lacks, the test notes the next one, as a later build would. */
function addNextMigration(path: string): void {
  const version = versionOf(path) + 1
  const database = new DatabaseSync(path)
  try {
    database.prepare('INSERT INTO schema_versions VALUES (?, ?, ?)').run(version, `${version}-later`, Date.now())
  } finally {
    database.close()
  }
}

/** The same model with another description: version 2. */
async function pushRelu(hub: HubProgram): Promise<void> {
  const { files } = await hub.client.model.getVersion({ name: 'relu', version: '1' })
  const digest = files.find(({ path }) => path === MODEL_PATH)?.digest
  if (digest === undefined) throw new Error('the first version has no model file')
  const golden = { cases: [{ inputs: { x: floatTensor([2], [-3, 4]) } }] }
  await hub.client.model.push({ name: 'relu', files: [{ path: MODEL_PATH, digest }], golden })
}

const connectedOf = (hub: HubProgram, devices: readonly string[]) =>
  Promise.all(devices.map(async (device) => (await hub.client.device.get({ device })).link.connected))

const httpOf = (address: string) => (address.startsWith('http') ? address : `http://${address}`)
