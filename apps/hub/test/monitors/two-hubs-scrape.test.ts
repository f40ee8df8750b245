/**
 * Two hubs on one PostgreSQL: windows that devices send to different hubs count together, a scrape of either hub is the
 * whole, and both hubs together act once.
 * @module-tag deep Starts a PostgreSQL and two hubs; one hub on SQLite and its metrics are tested in the quick tier.
 */
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PATIENCE_MS } from '@skerry/testkit/patience'
import { hasPostgres, newDatabase, type PostgresCluster, startPostgres } from '@skerry/testkit/postgres-cluster'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { sweepMonitors } from '../../src/monitors/monitor-sweep.ts'
import { startTestHub, type TestHub } from '../stage/running-hub.ts'
import { monitoredModel, monitorOf, sendWindows, setMonitor } from './monitored.ts'

/** Of one device in one window. */
const ROWS = 600

describe.skipIf(!hasPostgres)('two hubs', () => {
  let folder: string
  let server: PostgresCluster
  let one: TestHub
  let other: TestHub

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'skerry-scrape-'))
    server = await startPostgres()
    const databaseUrl = await newDatabase(server.url)
    const start = async (name: string, ownerKey?: string) => {
      const data = join(folder, name)
      await mkdir(data)
      return startTestHub({ data, databaseUrl, secrets: join(folder, 'a'), ...(ownerKey && { ownerKey }) })
    }
    one = await start('a')
    other = await start('b', one.ownerKey)
    const both = async () => expect(await one.hub.cluster.members()).toHaveLength(2)
    await vi.waitFor(both, PATIENCE_MS)
  })
  afterAll(async () => {
    for (const hub of [one, other]) await hub?.[Symbol.asyncDispose]()
    await server?.[Symbol.asyncDispose]()
    await rm(folder, { recursive: true, force: true })
  })

  /** The lines of monitors in a scrape, in order. */
  async function scrape(hub: TestHub): Promise<string[]> {
    const { text } = await hub.ask('GET', '/metrics')
    return text
      .split('\n')
      .filter((line) => line.startsWith('skerry_monitor_'))
      .toSorted()
  }

  test('a scrape of either hub has the windows of both, and an alert acts once', async () => {
    const { organisationId, devices } = await monitoredModel(one)
    await setMonitor(one, { actions: [{ do: 'rollback', isDryRun: true }] })
    const [first, second] = devices
    if (!first || !second) throw new Error('a device is missing')
    await sendWindows(one, { organisationId, devices: [first] }, [3])
    await sendWindows(other, { organisationId, devices: [second] }, [3])
    await Promise.all([one, other, one, other].map(({ hub }) => sweepMonitors(hub)))
    const [atOne, atOther] = [await scrape(one), await scrape(other)]
    expect(atOther).toEqual(atOne)
    const lineOf = (name: string) => atOne.find((line) => line.startsWith(`${name}{`) && line.includes('version="2"'))
    expect(lineOf('skerry_monitor_rows')).toMatch(new RegExp(` ${2 * ROWS}$`))
    expect(lineOf('skerry_monitor_state')).toMatch(/ 2$/)
    for (const hub of [one, other]) {
      const { state, acts } = await monitorOf(hub)
      expect([state, acts.map(({ outcome }) => outcome)]).toEqual(['alert', ['dry-run']])
    }
  })
})
