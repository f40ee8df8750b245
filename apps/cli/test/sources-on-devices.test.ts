/** Sources, from a file to the device that runs them, through real processes that are killed on the way. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { DeviceConnections } from '@skerry/contract/connection'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { type Fleet, type FleetAgent, openSharedFleet, tellLogsOnFailure } from './fleet.ts'
import { until } from './service.ts'

let fleet: Fleet
let agent: FleetAgent

beforeAll(async () => {
  fleet = await openSharedFleet()
  agent = await fleet.join('gateway-1')
})
beforeEach(() => tellLogsOnFailure(fleet))
afterAll(() => fleet?.[Symbol.asyncDispose]())

const DEVICE = 'gateway-1'

/** Writes the file of a source that says one value. */
async function fileOf(name: string, value: number): Promise<string> {
  const path = join(fleet.folder, `${name}.yaml`)
  await writeFile(
    path,
    `name: ${name}
protocol: simulator
groups:
  - name: process
    everyMs: 100
    tags:
      - { name: level, unit: m, signal: { kind: constant, value: ${value} } }
      - { name: setpoint, signal: { kind: constant, value: 10 }, write: { min: 0, max: 100 } }
      - { name: locked, signal: { kind: constant, value: false } }
`,
  )
  return path
}

async function command(words: readonly string[]): Promise<string> {
  const { code, out, err } = await fleet.cli(words)
  expect(code, err).toBe(0)
  return out
}

const about = () => fleet.hub.client.source.ofDevice({ device: DEVICE })

type Running = DeviceConnections['running'][number]

/** What the device says of the source, once that fits. */
const saysOf = (name: string, fits: (status: Running | undefined, all: DeviceConnections) => boolean) =>
  until(`${DEVICE} to say of ${name} what it should`, async () => {
    const all = await about()
    const status = all.running.find((each) => each.name === name)
    return fits(status, all) ? { status, all } : undefined
  })

const isUp = (status: Running | undefined, { state }: DeviceConnections) =>
  status?.state === 'up' && state === 'current'

test('a source that is set for a site runs on its device, and is shown with how it does', async () => {
  await command(['source', 'add', await fileOf('press', 1), '--scope', 'site:lab'])
  const { all } = await saysOf('press', isUp)
  expect(all.connections).toMatchObject([{ name: 'press', scope: 'site:lab', version: 1, tags: 3 }])
  expect(await command(['source', 'ls', '--device', DEVICE])).toMatch(/press +site:lab +simulator +up/)
  expect((await fleet.cli(['source', 'add', await fileOf('press', 1), '--scope', 'site:lab'])).code).toBe(1)
})

test('of two sources the one that changes is started anew, and the other runs on', async () => {
  await command(['source', 'set', await fileOf('pump', 5), '--scope', `device:${DEVICE}`])
  await saysOf('pump', isUp)
  const press = (await saysOf('press', isUp)).status
  const changed = await fleet.hub.client.source.list({ name: 'pump' })
  await command(['source', 'set', await fileOf('pump', 6), '--scope', `device:${DEVICE}`, '--if-version', '1'])
  await saysOf('pump', (status, all) => isUp(status, all) && status?.digest !== changed.rows[0]?.digest)
  expect((await saysOf('press', isUp)).status?.sinceMs).toBe(press?.sinceMs)
})

test('a runner that is killed is followed by one with the same sources', async () => {
  const before = (await saysOf('press', isUp)).status?.sinceMs ?? 0
  const pid = agent.runnerPid() ?? 0
  process.kill(pid, 'SIGKILL')
  await saysOf('press', (status, all) => isUp(status, all) && (status?.sinceMs ?? 0) > before)
  await saysOf('pump', isUp)
})

test('without a hub, an agent that is killed runs what it had; with one again, what has changed', async () => {
  await fleet.hub.end()
  await agent.end()
  await agent.start()
  await agent.logged('sources_running', ({ sources }) => sources === 2)
  await agent.end()
  await fleet.hub.start()
  await command(['source', 'rm', 'pump', '--scope', `device:${DEVICE}`, '--yes'])
  await agent.start()
  await saysOf('pump', (status, all) => status === undefined && all.state === 'current')
  await saysOf('press', isUp)
})

test('a source whose secret is missing is refused by name, and starts when the secret is there', async () => {
  const path = join(fleet.folder, 'broker.yaml')
  await writeFile(
    path,
    `name: broker
protocol: mqtt
connection: { host: 127.0.0.1, port: 1, user: plant, password: { secret: broker-password } }
groups: [{ name: all, everyMs: 1000, tags: [{ name: level, topic: plant/level }] }]
`,
  )
  await command(['source', 'set', path])
  await saysOf('broker', (status) => status?.state === 'refused' && status.cause?.code === 'secret_missing')
  await fleet.hub.client.secret.set({ name: 'broker-password', value: 'cGxj' })
  await saysOf('broker', (status) => status?.state === 'down')
  await command(['source', 'rm', 'broker', '--yes'])
  await saysOf('broker', (status) => status === undefined)
})
