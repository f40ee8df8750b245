/**
 * Two hubs on one PostgreSQL: windows that devices send to different hubs count together, a scrape of either hub is the
 * whole, and both hubs together act once.
 * @module-tag deep Starts a PostgreSQL and two hubs; one hub on SQLite and its metrics are tested in the quick tier.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from '@skerry/testkit/free-port'
import { isInstalled } from '@skerry/testkit/judges/judge'
import { PATIENCE_MS } from '@skerry/testkit/patience'
import { hasPostgres, newDatabase, type PostgresCluster, startPostgres } from '@skerry/testkit/postgres-cluster'
import { until } from '@skerry/testkit/until'
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest'
import { sweepMonitors } from '../../src/monitors/monitor-sweep.ts'
import { startTestHub, type TestHub } from '../stage/running-hub.ts'
import { monitoredModel, monitorOf, sendWindows, setMonitor } from './monitored.ts'

type Prometheus = {
  /** The value of a query with one series; undefined without a series. */
  ask(query: string): Promise<number | undefined>
  stop(): Promise<void>
}

type QueryAnswer = { data: { result: { value: [number, string] }[] } }

/** Debian's program. It scrapes each second with the key of the owner, and trusts the hubs' own authority. */
async function startPrometheus(hubs: readonly TestHub[]): Promise<Prometheus> {
  const folder = await mkdtemp(join(tmpdir(), 'skerry-prometheus-'))
  const [first] = hubs
  const port = await freePort()
  await writeFile(join(folder, 'authority.pem'), first?.hub.config.caPem ?? '')
  const scrape = {
    job_name: 'skerry',
    scheme: 'https',
    authorization: { credentials: first?.ownerKey },
    tls_config: { ca_file: join(folder, 'authority.pem') },
    static_configs: [{ targets: hubs.map(({ url }) => new URL(url).host) }],
  }
  // JSON is YAML.
  const config = { global: { scrape_interval: '1s', scrape_timeout: '1s' }, scrape_configs: [scrape] }
  await writeFile(join(folder, 'prometheus.yml'), JSON.stringify(config))
  const child = spawn(
    'prometheus',
    [
      `--config.file=${join(folder, 'prometheus.yml')}`,
      `--storage.tsdb.path=${join(folder, 'data')}`,
      `--web.listen-address=127.0.0.1:${port}`,
    ],
    { stdio: 'ignore' },
  )
  const url = `http://127.0.0.1:${port}`
  await until(async () => (await fetch(`${url}/-/ready`).catch(() => undefined))?.ok === true)
  return {
    async ask(query) {
      const answer = await fetch(`${url}/api/v1/query?query=${encodeURIComponent(query)}`)
      const { data } = (await answer.json()) as QueryAnswer
      const [series, ...others] = data.result
      expect(others).toEqual([])
      return series && Number(series.value[1])
    },
    async stop() {
      child.kill()
      if (child.exitCode === null) await once(child, 'exit')
      await rm(folder, { recursive: true, force: true })
    },
  }
}

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

  test.skipIf(!isInstalled('prometheus', '--version'))(
    'Prometheus scrapes both hubs: the maximum over them is the fleet, also while one of them is away',
    async () => {
      const prometheus = await startPrometheus([one, other])
      onTestFinished(() => prometheus.stop())
      const { ask } = prometheus
      const up = () => ask('sum(up{job="skerry"})')
      const rows = () => ask('max without (instance) (skerry_monitor_rows{model="m",version="2"})')
      await until(async () => (await up()) === 2 && (await rows()) === 2 * ROWS)
      expect(await ask('max without (instance) (skerry_monitor_state{model="m",version="2"})')).toBe(2)
      expect(await ask('max without (instance) (skerry_monitor_stability{version="2",feature="x"})')).toBeGreaterThan(
        0.25,
      )
      // This is why the guide says so: a sum over hubs counts each row twice.
      expect(await ask('sum without (instance) (skerry_monitor_rows{model="m",version="2"})')).toBe(4 * ROWS)
      await other[Symbol.asyncDispose]()
      await until(async () => (await up()) === 1)
      expect(await rows()).toBe(2 * ROWS)
    },
  )
})
