/** Cohort references in the real store: sites are compared with themselves, and each hub has the metrics of monitors. */
import { CaptureRules } from '@skerry/contract/captures/capture'
import { MonitorSpec } from '@skerry/contract/monitors/monitor'
import { type MonitorWindow, type ReferenceProfile, WINDOW_SIGNAL } from '@skerry/contract/monitors/profile'
import { countsOf } from '@skerry/core/monitors/bins'
import { profileOf } from '@skerry/core/monitors/profile'
import { digestOf } from '@skerry/platform/files/hash'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { runModel } from '../../../test/stage/fleet/runs-model.ts'
import { openFleet, type SimulatedFleet } from '../../../test/stage/simulated-fleet.ts'
import { ensureSalt, orderRows, saveCapture } from '../../captures/capture-store.ts'
import { newCaptures } from '../../captures/device-captures.ts'
import { toJson } from '../../store/json-column.ts'
import { newWatches } from '../device-watches.ts'
import { judgeMonitor } from '../judge-monitor.ts'
import { monitorRegistry } from '../monitor-metrics.ts'
import { findMonitor, saveMonitor, saveProfile } from '../monitor-store.ts'
import { keepWindows } from '../take-windows.ts'
import { saveCohortProfiles } from './cohort-references.ts'
import { collectProfile } from './collect-profile.ts'

const ROWS = 600
const WINDOW_MS = 300_000

const valuesOf = (shift: number) => Array.from({ length: ROWS }, (_, at) => ((at * 0.618_033_988_7) % 1) + shift)

const FEATURE = profileOf({ feature: 'x', side: 'input', tensor: 'x' }, [...valuesOf(0), ...valuesOf(1)])
const PROFILE: ReferenceProfile = {
  v: 1,
  model: 'm',
  version: 2,
  origin: 'golden',
  rows: 2 * ROWS,
  features: [FEATURE],
  left: 0,
}

let fleet: SimulatedFleet
let bremen: SimulatedFleet['devices'][number]
let hamburg: SimulatedFleet['devices'][number]
beforeEach(async () => {
  fleet = await openFleet()
  await fleet.addVersion('m', 1)
  await fleet.addVersion('m', 2)
  const [first] = await fleet.addDevices(1, { site: 'bremen' })
  const [second] = await fleet.addDevices(1, { site: 'hamburg' })
  if (!first || !second) throw new Error('no device')
  bremen = first
  hamburg = second
  await runModel(fleet as never, [first, second], { organisationId: fleet.organisationId, name: 'm', version: 2 })
  await setMonitor({})
  await keepProfile(PROFILE)
})
afterEach(() => fleet[Symbol.asyncDispose]())

async function setMonitor(rules: object): Promise<void> {
  const spec = MonitorSpec.parse({ model: 'm', windows: 2, ...rules })
  const { organisationId, clock, store } = fleet
  await store.transaction((tx) => saveMonitor(tx, { organisationId, spec, nowMs: clock.ms, by: 'ada' }))
}

const versionRow = () =>
  fleet.store.db.selectFrom('versions').selectAll().where('version', '=', 2).executeTakeFirstOrThrow()

let digest = digestOf('none')

async function keepProfile(profile: ReferenceProfile): Promise<void> {
  digest = digestOf(JSON.stringify([profile, fleet.clock.ms]))
  const { id: version_id } = await versionRow()
  const made = { version_id, organisation_id: fleet.organisationId, made_at_ms: fleet.clock.ms, made_by: 'ada' }
  await fleet.store.transaction((tx) => saveProfile(tx, { ...made, digest, profile: toJson(profile) }))
}

let sequence = 0

/** Both devices send the window of the present time. Then the time of three windows passes. */
async function send(shifts: { bremen: number; hamburg: number }): Promise<void> {
  const startMs = Math.floor(fleet.clock.ms / WINDOW_MS) * WINDOW_MS
  const windowOf = (shift: number): MonitorWindow => ({
    v: 1,
    model: 'm',
    version: 2,
    profile: digest,
    startMs,
    endMs: startMs + WINDOW_MS,
    rows: ROWS,
    counted: ROWS,
    features: [countsOf(FEATURE.edges, valuesOf(shift))],
  })
  sequence += 1
  const sent = [
    { device: bremen, shift: shifts.bremen },
    { device: hamburg, shift: shifts.hamburg },
  ].map(({ device, shift }) => ({
    device_id: device.id,
    organisation_id: fleet.organisationId,
    stream: '0123456789abcdef' as never,
    lane: 'bulk' as const,
    sequence,
    signal: `${WINDOW_SIGNAL}m`,
    text: JSON.stringify(windowOf(shift)),
  }))
  // A device sends only its own windows.
  for (const one of sent) await fleet.store.transaction((tx) => keepWindows(tx, [one], fleet.clock.ms))
}

async function judged() {
  const row = await findMonitor(fleet.store.db, fleet.organisationId, 'm')
  if (!row) throw new Error('no monitor')
  return judgeMonitor(fleet.store.db, row, fleet.clock.ms)
}

async function collect(): Promise<number> {
  const { store, hub, organisationId } = fleet
  const row = await versionRow()
  const { profile, cohorts } = await collectProfile({ store, clock: hub.clock } as never, row, 7)
  await keepProfile(profile)
  const key = { version_id: row.id, organisation_id: organisationId, profile: digest }
  await store.transaction((tx) => saveCohortProfiles(tx, { ...key, cohorts }))
  return cohorts.length
}

test('sites that differ are well compared with themselves, and a site that becomes like the other is named', async () => {
  await send({ bremen: 0, hamburg: 1 })
  fleet.clock.ms += WINDOW_MS
  expect(await collect()).toBe(2)
  await send({ bremen: 0, hamburg: 1 })
  fleet.clock.ms += WINDOW_MS
  expect((await judged()).state).toBe('alert')
  await setMonitor({ reference: 'cohort' })
  const [version] = (await judged()).versions
  expect(version?.cohorts?.map(({ state, isOwnReference }) => [state, isOwnReference])).toEqual([
    ['ok', true],
    ['ok', true],
  ])
  expect(version?.state).toBe('ok')

  fleet.clock.ms += 3 * WINDOW_MS
  await send({ bremen: 1, hamburg: 1 })
  fleet.clock.ms += WINDOW_MS
  expect((await judged()).versions[0]).toMatchObject({ state: 'alert', moved: ['site=bremen'] })

  // References belong to the profile that was collected with them.
  await keepProfile(PROFILE)
  await send({ bremen: 0, hamburg: 1 })
  fleet.clock.ms += WINDOW_MS
  expect((await judged()).versions[0]?.cohorts?.some(({ isOwnReference }) => isOwnReference)).toBe(false)
})

test('metrics come from the database, for all organisations or one', async () => {
  await send({ bremen: 3, hamburg: 3 })
  fleet.clock.ms += WINDOW_MS
  const { store, hub, organisationId, ids } = fleet
  const page = await (await monitorRegistry({ store, clock: hub.clock } as never, undefined)).metrics()
  expect(page.match(/^skerry_monitor_state\{.*$/gm)).toEqual([
    `skerry_monitor_state{organisation="${organisationId}",model="m",version="2"} 2`,
  ])
  const own = await (await monitorRegistry({ store, clock: hub.clock } as never, organisationId)).metrics()
  expect(own).toBe(page)
  const other = await (await monitorRegistry({ store, clock: hub.clock } as never, ids.organisation())).metrics()
  expect(other).not.toContain('model="m"')
})

test('a watch has the limits and counts by which a device judges itself', async () => {
  await setMonitor({ failsProbation: true })
  const { counts, missing, moments } = FEATURE
  const document = await newWatches(fleet.store.db, { ...bremen, organisation_id: fleet.organisationId }, undefined)
  expect(document?.watches[0]).toMatchObject({
    check: { rowsMin: 500, failsProbation: true },
    features: [{ feature: 'x', form: 'number', reference: { counts, missing, moments } }],
  })
})

test('an order is in the rule of each device, and a device that knows no boxes redacts the whole tensor', async () => {
  const { store, organisationId, clock } = fleet
  const place = { organisationId, model: 'm' }
  const rules = CaptureRules.parse({ sample: 0.1, purpose: 'a test', redact: ['x[0:1]', 'y[1]'] })
  const order = { version: 2, rows: 20, atMs: clock.ms }
  expect(await store.transaction((tx) => orderRows(tx, place, order))).toBe(false)
  await store.transaction(async (tx) => {
    await ensureSalt(tx, organisationId, 'ab'.repeat(32))
    await saveCapture(tx, { ...place, rules, nowMs: clock.ms, by: 'ada' })
  })
  expect(await store.transaction((tx) => orderRows(tx, place, order))).toBe(true)
  const ruleFor = async (held: { boxes?: boolean }) =>
    (await newCaptures(store.db, { id: bremen.id, organisation_id: organisationId }, held))?.captures[0]
  expect(await ruleFor({ boxes: true })).toMatchObject({
    redact: ['x[0:1]', 'y[1]'],
    order: { id: `2/${clock.ms}`, version: 2, rows: 20 },
  })
  expect(await ruleFor({})).toMatchObject({ redact: ['x', 'y[1]'] })
})
