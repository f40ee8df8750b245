/** A flow, from a file to the device that runs it on equipment, through real processes, one of which is killed on the way. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ItemReport } from '@skerry/contract/devices/item'
import { deep, strict } from '@skerry/testkit/tier'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
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
groups:
  - name: process
    everyMs: 100
    tags:
      - { name: level, signal: { kind: sine, mean: 50, amplitude: 40, periodSeconds: 5 } }
      - { name: setpoint, signal: { kind: constant, value: 10 }, write: { min: 0, max: 100, perMinute: 6000 } }
`
const FLOW = `name: follow
inputs: [{ name: level, source: press, tag: level }]
steps:
  - { name: last, kind: window, by: count, from: level, samples: 4 }
  - { name: mean, kind: statistics, from: last, of: [mean] }
sinks: [{ name: setpoint, kind: tag, from: mean, source: press, tag: setpoint }]
`

async function command(name: string, text: string, words: readonly string[]): Promise<string> {
  const path = join(fleet.folder, name)
  await writeFile(path, text)
  const { code, out, err } = await fleet.cli([...words, path])
  expect(code, err).toBe(0)
  return out
}

const item = (what: string, fits: (item: ItemReport) => boolean) =>
  until(what, async () => {
    const { items } = await fleet.hub.client.device.get({ device: 'gateway-1' })
    return items.find((one) => one.name === 'follow' && fits(one))
  })

/** Once the flow tells its tag something, counted since then where it began anew. */
const acting = (what: string, countedFromMs = 0) =>
  until(what, async () => {
    const look = await fleet.hub.client.flow.look({ device: 'gateway-1', flow: 'follow' })
    const told = look.parts.find(({ name }) => name === 'setpoint')?.recent ?? []
    return told.length > 0 && (look.countedFromMs ?? 0) > countedFromMs ? look : undefined
  })

test(
  'a flow waits for its source where the device was never told of any, acts on it when it is there, and does so again after its runner was killed',
  strict('the runner is killed while the flow acts'),
  async () => {
    expect(await command('follow.yaml', FLOW, ['flow', 'push'])).toContain('pushed follow:1')
    await fleet.hub.client.deployment.apply({ name: 'follow', model: 'follow', probation: { seconds: 1 } })
    const waiting = await item('the flow to wait', ({ cause }) => cause?.code === 'flow_waits')
    expect(waiting.cause?.message).toContain('source press')
    // It waits on, too, where the device has another.
    await command('other.yaml', SOURCE.replace('name: press', 'name: other'), ['source', 'set'])
    await until('the device to run a source', async () => {
      const { running } = await fleet.hub.client.source.ofDevice({ device: 'gateway-1' })
      return running.find(({ state }) => state === 'up')
    })
    await item('the flow to wait on', ({ state, cause }) => state === 'loading' && cause?.code === 'flow_waits')
    await command('press.yaml', SOURCE, ['source', 'set'])
    await item('the flow to be there', ({ state }) => state === 'active')
    const { countedFromMs } = await acting('the flow to act')
    // The device's journal records the write, and so does the audit trail.
    const [record] = await until('what the flow wrote to be in the trail', async () => {
      const { rows } = await fleet.hub.client.audit.list({ action: 'local.flow-wrote', limit: 1 })
      return rows.length > 0 ? rows : undefined
    })
    expect(record?.detail).toMatchObject({ entry: { detail: { flow: 'follow', source: 'press', tag: 'setpoint' } } })
    process.kill(agent.runnerPid() ?? 0, 'SIGKILL')
    await acting('the flow to act again', countedFromMs)
  },
)

test(
  'what the flow did and how often it began anew is in the next report',
  deep('a report comes once a minute; the look in the test above shows the same figures at once'),
  async () => {
    const reported = ({ stats }: ItemReport) => (stats?.requests ?? 0) > 0 && (stats?.restarts ?? 0) > 0
    const { stats } = await item('the flow to be reported', reported)
    expect(stats).toMatchObject({ failures: 0 })
  },
)
