/** What goes through a flow, seen from the command line through a hub that is killed meanwhile, and what its queues hold and lose. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { freePort } from '@skerry/testkit/free-port'
import { deep } from '@skerry/testkit/tier'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { cli } from '../stage/cli.ts'
import { type Fleet, type FleetAgent, openSharedFleet, tellLogsOnFailure } from '../stage/fleet.ts'
import { until } from '../stage/service.ts'

let fleet: Fleet
let agent: FleetAgent

beforeAll(async () => {
  fleet = await openSharedFleet()
  agent = await fleet.join('gateway-1')
  await start()
})
beforeEach(() => tellLogsOnFailure(fleet))
afterAll(() => fleet?.[Symbol.asyncDispose]())

const SOURCE = `name: press
protocol: simulator
groups: [{ name: process, everyMs: 50, tags: [{ name: level, unit: bar, signal: { kind: sine, mean: 50, amplitude: 40, periodSeconds: 5 } }] }]
`
/** A text of 4 kB, twenty times a second: a queue of a megabyte is full within seconds. */
const FLOW = `name: pump
inputs: [{ name: level, source: press, tag: level }]
steps:
  - { name: twice, kind: convert, from: level, scale: 2 }
  - { name: wide, kind: expression, from: [level], gives: text, expression: '$pad("x", 4000, "x")' }
sinks:
  - { name: home, kind: hub, from: twice }
  - { name: away, kind: sink, from: wide, sink: nowhere }
`
const DEVICE = 'gateway-1'

async function set(name: string, text: string, words: readonly string[]): Promise<void> {
  const path = join(fleet.folder, `${name}.yaml`)
  await writeFile(path, text)
  const { code, err } = await fleet.cli([...words, path])
  expect(code, err).toBe(0)
}

const look = () => fleet.hub.client.flow.look({ device: DEVICE, flow: 'pump' })

/** The flow runs, and the sink of its wide text is nowhere. */
async function start(): Promise<void> {
  const nowhere = `http://127.0.0.1:${await freePort()}/`
  await set('press', SOURCE, ['source', 'set'])
  const queue = { bytesMax: 1024 ** 2 }
  const spec = { name: 'nowhere', protocol: 'webhook', connection: { url: nowhere }, queue }
  await fleet.hub.client.sink.set({ name: 'nowhere', spec })
  await set('pump', FLOW, ['flow', 'push'])
  await fleet.hub.client.deployment.apply({ name: 'pump', model: 'pump', probation: { seconds: 1 } })
  await fleet.item(DEVICE, ({ state }) => state === 'active')
}

test('a look says rates, newest values, and what waits, and is lost, behind a sink that is away', async () => {
  const seen = await until('losses of the sink that is away', async () => {
    const seen = await look()
    return seen.queues.some(({ losses }) => losses.length > 0) ? seen : undefined
  })
  expect(seen).toMatchObject({ kind: 'flow', name: 'pump', version: 1, device: DEVICE, state: { kind: 'running' } })
  const level = seen.parts.find(({ name }) => name === 'level')
  expect(level?.inPerSecond).toBeGreaterThan(0)
  expect(level?.recent.at(-1)).toMatchObject({ quality: 'good', value: expect.any(Number) })
  const wide = seen.parts.find(({ name }) => name === 'wide')
  expect(wide?.recent.at(-1)).toMatchObject({ value: 'x'.repeat(200), omitted: 3_800 })
  const [home, away] = seen.queues
  expect(home).toMatchObject({ kind: 'hub', state: 'up', lost: 0 })
  expect(home?.delivered).toBeGreaterThan(0)
  expect(away).toMatchObject({ kind: 'sink', name: 'nowhere', state: 'down', delivered: 0, bytesMax: 1024 ** 2 })
  expect(away?.waiting).toBeGreaterThan(10)
  expect(away?.losses[0]).toMatchObject({ reason: 'bytes', first: 1 })
  const text = await fleet.cli(['flow', 'look', 'pump', '--device', DEVICE])
  expect(text.out, text.err).toMatch(/nowhere: lost \d+ values of .* \(bytes; normal(-late)? 1 to \d+\)/)
  const unknown = await fleet.cli(['flow', 'look', 'fan', '--device', DEVICE])
  expect(unknown).toMatchObject({ code: 1, err: expect.stringContaining('flow_unknown') })
})

test('what is lost for ever is known at the hub without asking the device, and so is the queue for the hub', async () => {
  const said = await until('the hub to know of losses', async () => {
    const said = await fleet.hub.client.sink.ofDevice({ device: DEVICE })
    return said.running.some(({ figures }) => (figures?.losses?.length ?? 0) > 0) && said.hubQueue ? said : undefined
  })
  expect(said.running).toMatchObject([{ name: 'nowhere', figures: { losses: [{ reason: 'bytes' }] } }])
  expect(said.hubQueue).toMatchObject({ figures: { lost: 0 } })
  expect((await fleet.hub.client.source.ofDevice({ device: DEVICE })).hubQueue).toBeUndefined()
})

test(
  'a tail shows each value once, and comes back when the hub was killed',
  deep('kills the hub and waits for eighty values; the first test looks'),
  async () => {
    const stop = new AbortController()
    let printed = 0
    const env = { SKERRY_HOME: fleet.folder, SKERRY_HUB: fleet.hub.url, SKERRY_KEY: fleet.hub.connection.key }
    const tail = cli(['flow', 'tail', 'pump', '--device', DEVICE, '--signal', 'twice', '--json'], {
      env: { ...env, SKERRY_CA_FILE: fleet.hub.authorityPath },
      random: () => 0.5,
      signal: stop.signal,
      onOutput: () => {
        printed += 1
      },
    })
    const more = (what: string, than: number) =>
      Promise.race([
        until(what, async () => (printed > than ? true : undefined)),
        tail.then((ended) => Promise.reject(new Error(JSON.stringify({ ...ended, out: ended.out.length })))),
      ])
    await more('values', 40)
    await fleet.hub.end()
    const before = printed
    await fleet.hub.start()
    await more('values after the hub was killed', before + 40)
    stop.abort()
    const { code, out, err } = await tail
    expect(code, err).toBe(0)
    const lines = out
      .trimEnd()
      .split('\n')
      .map((line): { name: string; number?: number; value?: number; omitted?: number } => JSON.parse(line))
    expect(new Set(lines.map(({ name }) => name))).toEqual(new Set(['twice']))
    const numbers = lines.flatMap(({ number }) => number ?? [])
    expect(numbers).toEqual([...new Set(numbers)].toSorted((a, b) => a - b))
    // Each value between the first and the last was shown, or counted as left out while nobody could be asked.
    const omitted = lines.reduce((sum, line) => sum + (line.omitted ?? 0), 0)
    expect(numbers.length + omitted).toBe((numbers.at(-1) ?? 0) - (numbers[0] ?? 0) + 1)
  },
)

test('a source is seen with the statistics of its connection, its groups and its tags', async () => {
  const look = await fleet.hub.client.source.look({ device: DEVICE, source: 'press' })
  expect(look).toMatchObject({
    state: 'up',
    tags: [{ name: 'level', group: 'process', unit: 'bar', value: { quality: 'good' } }],
  })
  const stop = new AbortController()
  const seen: { atMs: number; sinceMs: number; told: number }[] = []
  for await (const event of await fleet.hub.client.source.watch(
    { device: DEVICE, source: 'press', tags: ['level'] },
    { signal: stop.signal },
  )) {
    if (event.kind === 'source') seen.push({ atMs: event.atMs, sinceMs: event.sinceMs, told: event.tags[0]?.told ?? 0 })
    if (seen.length === 3) break
  }
  stop.abort()
  const [first, , third] = seen
  if (!first || !third) throw new Error('the watch ended by itself')
  expect(third.told).toBeGreaterThan(first.told)
  // By the device's own clock never more than the tag tells: twenty values a second since the source is up, and some before the clock was read.
  expect(third.told).toBeLessThanOrEqual((third.atMs - third.sinceMs) / 50 + 40)
  expect(agent.lines().some(({ event, kind }) => event === 'command_begun' && kind === 'look')).toBe(false)
})
