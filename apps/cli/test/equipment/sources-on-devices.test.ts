/** Sources, from a file to the device that runs them, through real processes that are killed on the way. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createClient } from '@skerry/client/client'
import type { DeviceConnections } from '@skerry/contract/connections/connection'
import { deep } from '@skerry/testkit/tier'
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

const DEVICE = 'gateway-1'
const KILLED = deep('needs two sources and kills; flows-on-devices kills a runner in the quick tier')

/** Writes the file of a source with one value. */
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
      - { name: motor, signal: { kind: constant, value: 0 }, write: { interlock: { when: 'tags["setpoint"] > 50' } } }
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

type Running = DeviceConnections['running'][number]

/** The device's report on the source, once that fits. */
const saysOf = (name: string, fits: (status: Running | undefined, all: DeviceConnections) => boolean) =>
  until(`${DEVICE} to say of ${name} what it should`, async () => {
    const all = await fleet.hub.client.source.ofDevice({ device: DEVICE })
    const status = all.running.find((each) => each.name === name)
    return fits(status, all) ? { status, all } : undefined
  })

const isUp = (status: Running | undefined, { state }: DeviceConnections) =>
  status?.state === 'up' && state === 'current'

/** When the source press came up, which is after this time. A device restarts a source that has changed. */
const upSince = async (afterMs: number) => {
  const fits = (status: Running | undefined, all: DeviceConnections) =>
    isUp(status, all) && (status?.sinceMs ?? 0) > afterMs
  return (await saysOf('press', fits)).status?.sinceMs ?? 0
}

test('a source that is set for a site runs on its device, and is shown with its state', async () => {
  const add = ['source', 'add', await fileOf('press', 1), '--site', 'lab', '--test-on', DEVICE]
  const added = await fleet.cli(add)
  expect(added).toMatchObject({ code: 0, err: expect.stringContaining(`${DEVICE} read 4 tags`) })
  const { all } = await saysOf('press', isUp)
  expect(all.connections).toMatchObject([{ name: 'press', scope: 'site:lab', version: 1, tags: 4 }])
  expect(await command(['source', 'ls', '--device', DEVICE])).toMatch(/press +site:lab +simulator +up/)
  expect(await fleet.cli(add)).toMatchObject({
    code: 1,
    err: expect.stringContaining('there is already a source press at site lab'),
  })
  expect((await fleet.cli(['source', 'show', 'press'])).err).toContain('exists at site lab: add --scope site:lab')
})

test('the tags of a source are exported as CSV and set from it, if nobody else changed them meanwhile', async () => {
  const place = ['--source', 'press', '--scope', 'site:lab']
  const table = join(fleet.folder, 'press.csv')
  const csv = await command(['tag', 'export', ...place])
  await writeFile(
    table,
    `${csv.replace('level,m', 'level,cm')}process,100,extra,,"{""kind"":""constant"",""value"":5}",\r\n`,
  )
  const trial = await command(['tag', 'import', table, ...place, '--dry-run'])
  expect(trial).toMatch(/1 added, 1 changed, 3 as before; 0 removed/)
  expect(trial).toMatch(/changed +level +process +unit m → cm/)
  expect(trial).toMatch(/press of site:lab would change, version 2\napplies to 1 device: gateway-1/)
  expect(await command(['source', 'ls'])).toMatch(/press +site:lab +simulator +4 +\S+ +\S+ +\S+ +1 /)
  const started = await upSince(0)
  expect(await command(['tag', 'import', table, ...place])).toMatch(/changed press of site:lab, version 2, 5 tags/)
  const startedAgain = await upSince(started)
  const [record] = (await fleet.hub.client.audit.list({ action: 'source.set', newestFirst: 'true', limit: 1 })).rows
  expect(record).toMatchObject({ result: 'ok', detail: { version: 2 } })
  await writeFile(table, csv)
  expect((await fleet.cli(['tag', 'import', table, ...place])).err).toContain('code: confirmation_missing')
  await command(['tag', 'import', table, ...place, '--yes'])
  expect(await command(['tag', 'export', ...place])).toBe(csv)
  await upSince(startedAgain)
})

const newest = async (tag: string) =>
  (await fleet.hub.client.source.read({ device: DEVICE, source: 'press', tags: [tag] })).readings[0]

const written = (value: string | number, tag = 'setpoint') =>
  fleet.cli(
    ['source', 'write', 'press', tag, String(value), '--device', DEVICE].concat(['--reason', 'a trial', '--yes']),
  )

test('the current values of a source are read from its device through the hub', async () => {
  await saysOf('press', isUp)
  const level = await until('a level', () => newest('level'))
  expect(level).toMatchObject({ unit: 'm', value: { tag: 'level', quality: 'good', value: 1 } })
  const table = await command(['source', 'read', 'press', '--device', DEVICE])
  expect(table).toMatch(/level +1 +m +good/)
  expect(table).toMatch(/setpoint +10 +- +good/)
  const json = JSON.parse(await command(['source', 'read', 'press', '--device', DEVICE, '--tag', 'locked', '--json']))
  expect(json).toMatchObject({
    device: DEVICE,
    source: 'press',
    omittedCount: 0,
    readings: [{ value: { tag: 'locked' } }],
  })
  const read = (source: string, tag: string) => fleet.cli(['source', 'read', source, '--device', DEVICE, '--tag', tag])
  expect((await read('press', 'nothing')).err).toContain('code: tag_unknown')
  expect((await read('nothing', 'level')).err).toContain('code: source_unknown')
})

test('the state of a source is shown with its connection, its groups and its tags', async () => {
  await saysOf('press', isUp)
  await until('a level', () => newest('level'))
  const show = (...words: string[]) => fleet.cli(['source', 'show', 'press', ...words])
  const { code, out } = await show('--device', DEVICE)
  expect(code).toBe(0)
  expect(out).toMatch(/state +up/)
  expect(out).toMatch(/connected +\d+ times?, lost or failed 0 times/)
  expect(out).toMatch(/process +100 ms +4 +\d+/)
  expect(out).toMatch(/level +1 +m +good +- +process +\d+ +0/)
  const json = JSON.parse((await show('--device', DEVICE, '--tag', 'locked', '--json')).out)
  expect(json).toMatchObject({ device: DEVICE, state: 'up', omittedCount: 0, tags: [{ name: 'locked', bad: 0 }] })
  expect((await show('--device', DEVICE, '--tag', 'nothing')).err).toContain('code: tag_unknown')
  expect((await show('--tag', 'level')).code).toBe(2)
})

test('a device writes a tag within its bounds, and every try is on record', async () => {
  expect(await written(25)).toMatchObject({ code: 0, out: 'setpoint is 25, and was 10\n' })
  await until(
    'what was written',
    async () => JSON.stringify(await newest('setpoint')).includes('"value":25') || undefined,
  )
  const beyond = await written(101)
  expect(beyond).toMatchObject({ code: 1 })
  expect(beyond.err).toMatch(/101 is outside the bounds for writing.*\n.*code: write_refused/)
  expect((await written('true', 'locked')).err).toContain('code: write_refused')
  expect((await written(1, 'nothing')).err).toContain('code: tag_unknown')
  expect((await newest('setpoint'))?.value).toMatchObject({ value: 25 })
  const { rows } = await fleet.hub.client.audit.list({ action: 'source.write', newestFirst: 'true', limit: 10 })
  expect(rows.map(({ result, detail }) => [detail.tag, detail.value, result])).toEqual([
    ['nothing', 1, 'tag_unknown'],
    ['locked', true, 'write_refused'],
    ['setpoint', 101, 'write_refused'],
    ['setpoint', 25, 'ok'],
  ])
  const first = rows.at(-1)?.detail
  expect(first).toMatchObject({ name: DEVICE, source: 'press', reason: 'a trial', before: { value: 10 } })
})

test('a tag with an interlock is written while its condition holds, and a rejection is recorded with the message of the equipment', async () => {
  const refused = await written(1, 'motor')
  expect(refused).toMatchObject({ code: 1 })
  expect(refused.err).toMatch(/interlock tags\["setpoint"\] > 50 is false: setpoint is 25.*\n.*code: tag_interlocked/)
  expect(await written(60)).toMatchObject({ code: 0 })
  expect(await written(1, 'motor')).toMatchObject({ code: 0 })
  expect(await written(25)).toMatchObject({ code: 0 })
  const { rows } = await fleet.hub.client.audit.list({ action: 'source.write', newestFirst: 'true', limit: 4 })
  expect(rows.map(({ result, detail }) => [detail.tag, result])).toEqual([
    ['setpoint', 'ok'],
    ['motor', 'ok'],
    ['setpoint', 'ok'],
    ['motor', 'tag_interlocked'],
  ])
  expect(rows.at(-1)?.detail.why).toContain('setpoint is 25')
})

test('a viewer reads tags and writes none, and a device that is away gets no write later', async () => {
  const { secret } = await fleet.hub.client.key.create({ name: 'looker', role: 'viewer' })
  const looker = createClient({ hub: fleet.hub.url, key: secret })
  const of = { device: DEVICE, source: 'press' }
  expect((await looker.source.read({ ...of, tags: ['level'] })).readings).toHaveLength(1)
  const order = { ...of, tag: 'setpoint', value: 40, reason: 'why not' }
  await expect(looker.source.write(order)).rejects.toMatchObject({ code: 'permission_denied' })
  await agent.end()
  const away = await until('the device to be away', async () => {
    const { err } = await written(50)
    return err.includes('device_unreachable') ? err : undefined
  })
  expect(away).toContain('code: device_unreachable')
  await agent.start()
  await saysOf('press', isUp)
  const setpoint = await until('a setpoint', () => newest('setpoint'))
  expect(setpoint.value).toMatchObject({ value: 10 })
})

const there = (...words: string[]) => fleet.cli(['source', ...words, '--device', DEVICE])

test('a source is tried on a device before it is set, and the current one of its name runs on', async () => {
  const before = (await saysOf('press', isUp)).status
  const tried = await there('test', await fileOf('press', 77), '--tag', 'level')
  expect(tried).toMatchObject({ code: 0, out: expect.stringMatching(/level +77 +m +good/) })
  expect((await newest('level'))?.value).toMatchObject({ value: 1 })
  const after = (await saysOf('press', isUp)).status
  expect([after?.digest, after?.sinceMs]).toEqual([before?.digest, before?.sinceMs])
  const away = join(fleet.folder, 'away.yaml')
  const tags = '[{ name: level, address: "holding:1" }]'
  await writeFile(
    away,
    `name: away
protocol: modbus
connection: { host: 127.0.0.1, port: 1 }
groups: [{ name: all, everyMs: 1000, tags: ${tags} }]
`,
  )
  const failed = await there('test', away)
  expect(failed).toMatchObject({ code: 1, err: expect.stringContaining('code: source_failed') })
  expect(failed.err).toMatch(/127\.0\.0\.1/)
  const { rows } = await fleet.hub.client.audit.list({ action: 'source.test', newestFirst: 'true', limit: 2 })
  expect(rows.map(({ detail }) => [detail.source, detail.protocol])).toEqual([
    ['away', 'modbus'],
    ['press', 'simulator'],
  ])
})

test('a source starts again by its device, and it is on record; a simulator has nothing to look into', async () => {
  const before = (await saysOf('press', isUp)).status?.sinceMs ?? 0
  const because = ['--reason', 'a trial', '--yes']
  expect(await there('restart', 'press', ...because)).toMatchObject({ code: 0, out: expect.stringContaining('was up') })
  await saysOf('press', (status, all) => isUp(status, all) && (status?.sinceMs ?? 0) > before)
  expect((await there('restart', 'nothing', ...because)).err).toContain('code: source_unknown')
  const { rows } = await fleet.hub.client.audit.list({ action: 'source.restart', newestFirst: 'true', limit: 10 })
  expect(rows.map(({ result, detail }) => [detail.source, detail.reason, result])).toEqual([
    ['nothing', 'a trial', 'source_unknown'],
    ['press', 'a trial', 'ok'],
  ])
  expect((await there('browse', 'press')).err).toContain('code: browse_unknown')
})

test('the findings of a device in its equipment are shown, each with a tag that reads it', async () => {
  const log = join(fleet.folder, 'log.jsonl')
  const path = join(fleet.folder, 'log.yaml')
  await writeFile(log, '{"motor":{"speed":14.5}}\n')
  const groups = '[{ name: all, everyMs: 100, tags: [{ name: speed, address: speed }] }]'
  const connection = `{ path: ${log}, format: jsonl }`
  await writeFile(path, `name: log\nprotocol: files\nconnection: ${connection}\ngroups: ${groups}\n`)
  await command(['source', 'set', path, '--scope', `device:${DEVICE}`])
  await saysOf('log', isUp)
  expect((await there('browse', 'log')).out).toMatch(/motor\/ +motor/)
  expect((await there('browse', 'log', 'motor')).out).toMatch(/motor\.speed = 14\.5 .*address: "motor\.speed"/)
  await command(['source', 'rm', 'log', '--scope', `device:${DEVICE}`, '--yes'])
})

test('only the changed one of two sources restarts, and the other runs on', KILLED, async () => {
  await command(['source', 'set', await fileOf('press', 1), '--scope', 'site:lab'])
  await command(['source', 'set', await fileOf('pump', 5), '--scope', `device:${DEVICE}`])
  await saysOf('pump', isUp)
  const press = (await saysOf('press', isUp)).status
  const changed = await fleet.hub.client.source.list({ name: 'pump' })
  await command(['source', 'set', await fileOf('pump', 6), '--scope', `device:${DEVICE}`, '--if-version', '1'])
  await saysOf('pump', (status, all) => isUp(status, all) && status?.digest !== changed.rows[0]?.digest)
  expect((await saysOf('press', isUp)).status?.sinceMs).toBe(press?.sinceMs)
})

test('after a runner is killed, a new runner has the same sources', KILLED, async () => {
  const before = (await saysOf('press', isUp)).status?.sinceMs ?? 0
  const pid = agent.runnerPid() ?? 0
  process.kill(pid, 'SIGKILL')
  await saysOf('press', (status, all) => isUp(status, all) && (status?.sinceMs ?? 0) > before)
  await saysOf('pump', isUp)
})

test('without a hub a killed agent runs its last sources, and with a hub the changed ones', KILLED, async () => {
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

test('a source whose secret is missing is rejected by name, and starts when the secret is there', async () => {
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
