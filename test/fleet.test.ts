import { deep, rounds, strict } from '@skerry/testkit/tier'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { cli } from '../apps/cli/test/stage/cli.ts'
import { type FleetStage, openFleetStage, until } from './stage/simulated-fleet.ts'

const DEVICES = rounds({ quick: 60, deep: 200 })

let stage: FleetStage
beforeAll(async () => {
  stage = await openFleetStage({ devices: DEVICES, failingVersions: [2] })
})
afterAll(() => stage[Symbol.asyncDispose]())

/** The whole: a hub that is a process, and the agent's own link and decisions two hundred times in the deep tier. */
const SLOW = { timeout: 900_000 }

const statusOf = async (rollout: Awaited<ReturnType<FleetStage['deploy']>>) =>
  (await stage.hub().client.rollout.get({ rollout })).status

/** Devices for which the hub's record differs from the device's state. */
async function strangers(): Promise<string[]> {
  const { rows } = await stage.hub().client.device.list({ limit: 500 })
  const known = new Map<string, number>(rows.map(({ id, observedGeneration }) => [id, observedGeneration]))
  return stage.fleet
    .truth()
    .flatMap((device) => (known.get(device.deviceId) === device.generation ? [] : [device.name]))
}

test('a good version reaches all devices, and a bad one only the canaries, which roll back', {
  ...SLOW,
  ...strict('a version that fails goes no further: a law'),
}, async () => {
  const good = await stage.push()
  const rollout = await stage.deploy(good)
  await until(async () => (await statusOf(rollout)) === 'done')
  await stage.agreed()
  expect(stage.serving()).toEqual({ [good]: DEVICES })

  const bad = await stage.push()
  const failing = await stage.deploy(bad, { waves: [{ limit: '5%' }], onFailure: 'rollback-all' })
  await until(async () => (await statusOf(failing)) === 'rolled-back')
  await stage.agreed()
  expect(stage.serving()).toEqual({ [good]: DEVICES })
  expect(stage.offered(bad)).toBeLessThanOrEqual(DEVICES * 0.05)
  expect(await strangers()).toEqual([])
})

/** The names that the command line lists for a filter. */
async function listed(filter: string): Promise<string[]> {
  const { hub, key = '' } = stage.hub().connection
  const env = { SKERRY_HUB: hub, SKERRY_KEY: key, SKERRY_CA_FILE: stage.hub().authorityPath }
  const { code, out, err } = await cli(['device', 'ls', '--filter', filter, '--json'], { env })
  expect({ code, err }).toEqual({ code: 0, err: '' })
  const rows: { name: string }[] = JSON.parse(out)
  return rows.map(({ name }) => name)
}

test('device ls finds devices by words, and the pages of a filter have no gap', async () => {
  const all = stage.fleet.truth().map(({ name }) => name)
  expect(await listed('site:plant sensor:1')).toEqual(all.toSorted())
  const paused = await stage.deploy(2, { waves: [{ limit: '5%' }], onFailure: 'pause' })
  await until(async () => (await statusOf(paused)) === 'paused')
  await stage.agreed()
  const degraded = await listed('health:degraded')
  expect(degraded.length).toBeGreaterThan(0)
  expect(await listed('model:sensor:2')).toEqual(degraded)
  expect(await listed('device.name == "sim-test-3"')).toEqual(['sim-test-3'])
  expect(await listed('nothing-like-this')).toEqual([])
  const { client } = stage.hub()
  const paged: string[] = []
  let after: string | undefined
  do {
    const page = await client.device.list({ limit: 7, filter: 'plant sensor', ...(after !== undefined && { after }) })
    expect(page.rows.every(({ models, machine }) => models?.[0]?.name === 'sensor' && machine)).toBe(true)
    paged.push(...page.rows.map(({ name }) => name))
    after = page.next
  } while (after !== undefined)
  expect(paged).toEqual(all.toSorted())
  await expect(client.device.list({ filter: 'modell:sensor' })).rejects.toMatchObject({ code: 'filter_invalid' })
})

/** How many devices came back without showing their certificates. */
async function resumptions(): Promise<number> {
  const { hub, key } = stage.hub().connection
  const answer = await fetch(`${hub}/metrics`, { headers: { authorization: `Bearer ${key}` } })
  return Number(/^skerry_link_resumptions_total (\d+)$/m.exec(await answer.text())?.[1])
}

const TENTHS = { waves: Array.from({ length: 9 }, () => ({ limit: '10%' as const })) }

test('a hub that is killed during a rollout continues it', {
  ...SLOW,
  ...deep('hub-kills has random kills; two-hubs kills a leader in the middle of a rollout in the quick tier'),
}, async () => {
  const next = await stage.push()
  const rollout = await stage.deploy(next, TENTHS)
  await until(() => stage.offered(next) >= DEVICES * 0.3)
  await stage.killHub()
  await until(async () => (await statusOf(rollout)) === 'done')
  await stage.agreed()
  expect(stage.serving()).toEqual({ [next]: DEVICES })
  expect(stage.offered(next)).toBe(DEVICES)
  expect(await strangers()).toEqual([])
  expect(await resumptions(), 'the tickets of the hub before count for the one after it').toBeGreaterThan(0)
})

test('an aborted version is offered to no device after a kill of the hub', {
  ...SLOW,
  ...deep('a second kill of the same hub; hub-kills.test.ts does it, too'),
}, async () => {
  const next = await stage.push()
  const rollout = await stage.deploy(next, TENTHS)
  await until(() => stage.offered(next) >= DEVICES * 0.3)
  await stage.hub().client.rollout.abort({ rollout, reason: 'test' })
  await stage.agreed()
  const offered = stage.offered(next)
  await stage.killHub()
  await stage.agreed()
  expect(await statusOf(rollout)).toBe('aborted')
  expect(stage.offered(next)).toBe(offered)
  expect(offered).toBeLessThan(DEVICES)
  expect(await strangers()).toEqual([])
})

test('each device runs a batch once, though the hub is killed meanwhile', {
  ...SLOW,
  ...deep('the same kill with jobs; apps/hub/test/operate/batches counts each answer once'),
}, async () => {
  const command = { kind: 'reboot-agent' as const }
  const created = await stage.hub().client.batch.create({ command, selector: 'site.name == "plant"' })
  const batch = created.id
  await stage.hub().client.batch.sign({ batch })
  await stage.hub().client.batch.send({ batch })
  const jobs = () => stage.fleet.figures().jobs[batch]
  await until(() => (jobs()?.begun ?? 0) >= DEVICES * 0.1)
  await stage.killHub()
  await until(async () => (await stage.hub().client.batch.get({ batch })).status === 'ended')
  const { counts } = await stage.hub().client.batch.get({ batch })
  expect(counts).toMatchObject({ succeeded: DEVICES, failed: 0, expired: 0, 'timed-out': 0 })
  expect(jobs()).toMatchObject({ begun: DEVICES, succeeded: DEVICES })
  const device = stage.fleet.truth()[0]?.name ?? ''
  const { output = '' } = await stage.hub().client.batch.output({ batch, device })
  const { bootIdBefore, bootId } = JSON.parse(output)
  expect(bootId).not.toBe(bootIdBefore)
  await stage.agreed()
  expect(await strangers()).toEqual([])
})

test('slow, flaky, late, duplicating, rebooting and clock-skewed devices all get the version', {
  ...SLOW,
  ...deep('lines that are slow for a minute; test/system.test.ts lives through such histories'),
}, async () => {
  const shares = { slow: 0.1, flaky: 0.1, late: 0.1, duplicating: 0.2, skewed: 0.2, rebooting: 0.1 }
  await using odd = await openFleetStage({ devices: 30, shares })
  const version = await odd.push()
  await odd.deploy(version)
  await until(() => odd.serving()[version] === 30)
})
