/**
 * Values that leave a device: from a source through a flow to the hub and to a file. The test uses real processes, and
 * kills them on the way.
 */
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { PATIENCE_MS } from '@skerry/testkit/patience'
import { deep, strict } from '@skerry/testkit/tier'
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { cli } from '../stage/cli.ts'
import { type Fleet, type FleetAgent, openSharedFleet, tellLogsOnFailure } from '../stage/fleet.ts'
import { until } from '../stage/service.ts'

let fleet: Fleet
let agent: FleetAgent

beforeAll(async () => {
  fleet = await openSharedFleet()
  agent = await fleet.join('gateway-1')
})
beforeEach(() => tellLogsOnFailure(fleet))
afterAll(() => fleet?.[Symbol.asyncDispose]())

const SOURCE = `name: press
protocol: simulator
groups: [{ name: process, everyMs: 100, tags: [{ name: level, unit: mm, signal: { kind: sine, mean: 50, amplitude: 40, periodSeconds: 5 } }] }]
`
const FLOW = `name: watch
inputs: [{ name: level, source: press, tag: level }]
sinks:
  - { name: level, kind: hub, from: level }
  - { name: copy, kind: sink, from: level, sink: disk, topic: press, field: level }
`

async function push(): Promise<void> {
  const write = async (name: string, text: string) => {
    await writeFile(join(fleet.folder, name), text)
    return join(fleet.folder, name)
  }
  for (const words of [
    ['source', 'set', await write('press.yaml', SOURCE)],
    ['flow', 'push', await write('watch.yaml', FLOW)],
  ]) {
    const { code, err } = await fleet.cli(words)
    expect(code, err).toBe(0)
  }
  await fleet.hub.client.deployment.apply({ name: 'watch', deployable: 'watch', probation: { seconds: 1 } })
}

/** The number of values at the hub. */
async function countAtHub(): Promise<number> {
  const { rows } = await fleet.hub.client.telemetry.signals({ device: 'gateway-1' })
  return rows.find(({ signal }) => signal === 'watch/level')?.values ?? 0
}

const hubHas = (count: number) =>
  until(`the hub to have ${count} values`, async () => ((await countAtHub()) >= count ? true : undefined))

type Row = { id: string; signal: string; time: string }

/** The rows that the file sink has written, by their ids. */
async function rowsOnDisk(): Promise<Row[]> {
  const path = join(agent.data, 'sinks/disk/values/disk.open.jsonl')
  const text = await readFile(path, 'utf8').catch(() => '')
  return text
    .split('\n')
    .slice(0, -1)
    .map((line): Row => JSON.parse(line))
}

test(
  'a flow waits for its sink, and then its values are at the hub and in a file',
  strict('the first of a sequence that both tiers need'),
  async () => {
    await push()
    await fleet.item('gateway-1', ({ cause }) => cause?.message.includes('sink disk') === true)
    await fleet.hub.client.sink.set({
      name: 'disk',
      spec: { name: 'disk', protocol: 'file', connection: { folder: 'values' } },
    })
    await hubHas(5)
    const rows = await until('values in the file', async () => {
      const rows = await rowsOnDisk()
      return rows.length >= 5 ? rows : undefined
    })
    expect(rows[0]).toMatchObject({ signal: 'press/level' })
    const status = await until('the device to say that its sink is up', async () => {
      const { running } = await fleet.hub.client.sink.ofDevice({ device: 'gateway-1' })
      return running.find(({ state }) => state === 'up')
    })
    expect(status).toMatchObject({ kind: 'sink', name: 'disk' })
  },
)

test('the command line lists the flow, its actions and its sent values', async () => {
  const env = { SKERRY_HOME: fleet.folder, SKERRY_HUB: fleet.hub.url, SKERRY_KEY: fleet.hub.connection.key }
  const run = async (...words: string[]) => {
    const setting = { env: { ...env, SKERRY_CA_FILE: fleet.hub.authorityPath }, nowMs: Date.now }
    const { code, out, err } = await cli(words, setting)
    expect(code, err).toBe(0)
    return out
  }
  const listed: unknown = JSON.parse(await run('flow', 'ls', '--json'))
  expect(listed).toMatchObject([{ name: 'watch', kind: 'flow' }])
  expect(await run('flow', 'ls')).toMatch(/watch/)
  expect(await run('flow', 'show', 'watch')).toMatch(/watch/)
  const shown = await run('flow', 'show', 'watch:1')
  expect(shown).toMatch(/needs sources +press/)
  expect(shown).toMatch(/sink +copy +sink +level +→ disk/)

  expect(await run('telemetry', 'gateway-1')).toMatch(/watch\/level +\S+ +mm +good .* press +level/)
  const series: { buckets: { count: number; min: number; max: number }[] } = JSON.parse(
    await run('telemetry', 'gateway-1', 'watch/level', '--since', '1h', '--buckets', '4', '--json'),
  )
  expect(series.buckets.reduce((sum, { count }) => sum + count, 0)).toBeGreaterThanOrEqual(5)
  // The sine of the press: an amplitude of 40 around 50.
  for (const { min, max } of series.buckets.filter(({ count }) => count > 0))
    expect(min >= 10 && min <= max && max <= 90, `${min} to ${max}`).toBe(true)
  expect(await run('telemetry', 'gateway-1', 'watch/level')).toMatch(/FROM +VALUES +BAD +MIN +MEAN +MAX/)
  const near = 'the device has sent no values of level; did you mean watch/level?'
  expect(await run('telemetry', 'gateway-1', 'level')).toContain(near)
})

test(
  'values wait on the disk while hub and agent are killed, and the hub has each once',
  deep('kills of hub and agent; packages/connectors keeps queues over kills'),
  async () => {
    const before = (await rowsOnDisk()).length
    await fleet.hub.end()
    await more('values while the hub is away', before)
    await agent.end()
    await agent.start()
    const again = (await rowsOnDisk()).length
    await more('values after a start without a hub', again)
    await fleet.hub.start()
    await agent.logged('link_up')
    const { code, err } = await fleet.cli(['source', 'rm', 'press', '--yes'])
    expect(code, err).toBe(0)
    const least = again + 20
    // After a kill, the file may have a value twice, under one id. The hub never does.
    await vi.waitFor(
      async () => {
        const ids = new Set((await rowsOnDisk()).map(({ id }) => id))
        expect(ids.size).toBeGreaterThan(least)
        expect(await countAtHub()).toBe(ids.size)
      },
      { timeout: PATIENCE_MS, interval: 200 },
    )
  },
)

const more = (what: string, rows: number) =>
  until(what, async () => ((await rowsOnDisk()).length > rows + 20 ? true : undefined))
