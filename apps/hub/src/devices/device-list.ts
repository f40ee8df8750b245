/**
 * Device list: one page of the devices that a selector picks, that fit a filter, and that the caller may see.
 *
 * The devices are read by name until the page is full. Words about health and models need a second query for each
 * piece; it reads no more than the query that the list needs for its own rows.
 */
import { setImmediate as breathe } from 'node:timers/promises'
import type { Device } from '@skerry/contract/devices/device'
import type { OrganisationId } from '@skerry/contract/values/ids'
import { readsAsSelector, readsFailures } from '@skerry/core/language/device-fields'
import { compileDeviceFilter, type FilteredDevice, unknownFieldOf } from '@skerry/core/language/device-filter'
import type { Scope } from '@skerry/core/people/scope'
import { compileSelector } from '@skerry/core/selectors/selector'
import { namedBuilds } from '../builds/named-build-store.ts'
import { expandSelectors } from '../groups/group-store.ts'
import { pageFrom } from '../http/page.ts'
import { throwProblem } from '../http/problem.ts'
import type { Hub } from '../hub.ts'
import { unknownNameOf } from '../models/model-names.ts'
import { isDeviceIn } from '../scopes/scope-rows.ts'
import type { Db } from '../store/store.ts'
import { deviceLinkOf, presentHubs } from './device-link-store.ts'
import { type DeviceStanding, listedModels, standingByDevice } from './device-standing.ts'
import { type DeviceMoment, type DeviceRow, deviceOf, factsOf, listDevices, machineOf } from './device-store.ts'
import { livenessOf } from './liveness.ts'

export type DeviceWish = {
  organisationId: OrganisationId
  scope: Scope | undefined
  limit: number
  after?: string | undefined
  site?: string | undefined
  selector?: string | undefined
  filter?: string | undefined
}

/** A page as the API answers it. */
export async function deviceList(hub: Hub, wish: DeviceWish): Promise<{ rows: Device[]; next?: string | undefined }> {
  const moment = { nowMs: hub.clock.nowMs(), hubs: await presentHubs(hub) }
  const picked = await pickDevices(hub.store.db, { ...wish, ...moment })
  const builds = await servedBuilds(hub.store.db, wish.organisationId, picked)
  return pageFrom(
    picked.map(({ row, standing }) => ({
      ...deviceOf(row, moment),
      ...(standing && { health: standing.health, ...listedModels(standing.models, builds) }),
      ...shownMachine(row),
    })),
    wish.limit,
    (device) => device.name,
  )
}

/** The builds that the picked devices serve, by digest: one query, or none if they serve nothing. */
function servedBuilds(db: Db, organisationId: OrganisationId, picked: readonly PickedDevice[]) {
  const models = picked.flatMap(({ standing }) => standing?.models ?? [])
  const digests = models.flatMap(({ servingDigest }) => (servingDigest === undefined ? [] : [servingDigest]))
  return namedBuilds(db, { organisationId, digests, hardwareClass: undefined })
}

function shownMachine(row: DeviceRow): Pick<Device, 'machine'> {
  const machine = machineOf(row)
  if (!machine) return {}
  const { arch, os, cpuModel, cpuCount, memoryBytes } = machine
  return { machine: { arch, os, cpuModel, cpuCount, memoryBytes } }
}

/** Rows that one query reads. Judging one takes some 20 us, so other requests wait 10 ms at most. */
const SCAN_ROWS = 500

export type PickedDevice = { row: DeviceRow; standing: DeviceStanding | undefined }

type Query = DeviceWish & DeviceMoment

/** The devices of the page, and the first one of the next page, with their standing. */
export async function pickDevices(db: Db, asked: Query): Promise<PickedDevice[]> {
  const { organisationId, limit, site } = asked
  const query = await withGroups(db, asked)
  const judges = judgesOf(query)
  // A page of the largest size is one piece if every device fits.
  const pieceRows = judges ? Math.max(SCAN_ROWS, limit + 1) : limit + 1
  const picked: PickedDevice[] = []
  let { after } = query
  while (true) {
    const rows = await listDevices(db, { organisationId, limit: pieceRows, after, site })
    picked.push(...(judges ? await fitting(db, query, rows, judges) : rows.map(unread)))
    if (rows.length < pieceRows && picked.length === 0) await rejectUnknownField(db, query)
    if (rows.length < pieceRows || picked.length > limit) return withStanding(db, query, picked.slice(0, limit + 1))
    after = rows.at(-1)?.name
    await breathe()
  }
}

/** The selector, and the filter if it is one, with their groups expanded. */
async function withGroups(db: Db, query: Query): Promise<Query> {
  const { organisationId, selector = '', filter = '' } = query
  const isSelector = readsAsSelector(filter)
  const expanded = await expandSelectors(db, organisationId, isSelector ? [selector, filter] : [selector])
  return {
    ...query,
    selector: query.selector && expanded(selector),
    filter: isSelector ? expanded(filter) : query.filter,
  }
}

/**
 * `memory:23` reads as a model with its version, but a person who finds nothing with it may have meant a field. An empty
 * answer says so if no model has the name.
 */
async function rejectUnknownField(db: Db, { organisationId, filter, after }: Query): Promise<void> {
  const words = filter === undefined || after !== undefined ? undefined : compileDeviceFilter(filter)
  if (!words?.ok) return
  const unknown = await unknownNameOf(db, organisationId, words.modelNames)
  if (unknown !== undefined) throwProblem(unknownFieldOf(unknown))
}

const unread = (row: DeviceRow): PickedDevice => ({ row, standing: undefined })

type Judges = {
  /** Undefined if the answer depends on the models of the device. */
  early: (row: DeviceRow) => boolean | undefined
  whole: (row: DeviceRow, standing: DeviceStanding) => boolean
  isForFailures: boolean
}

/** Undefined if every device fits. */
function judgesOf({ scope, selector, filter, ...moment }: Query): Judges | undefined {
  const picks = selector === undefined ? undefined : compileSelector(selector)
  if (picks?.ok === false) throwProblem(picks)
  const words = filter === undefined ? undefined : compileDeviceFilter(filter)
  if (words?.ok === false) throwProblem(words)
  if (!scope && !picks && !words) return undefined
  return {
    early: (row) => {
      if (!isDeviceIn(scope, row) || picks?.matches(factsOf(row, moment.nowMs)) === false) return false
      return words ? words.judge(filteredOf(row, moment)) : true
    },
    whole: (row, standing) => words?.judgeWhole(filteredOf(row, moment), standing) ?? true,
    isForFailures: filter !== undefined && readsFailures(filter),
  }
}

async function fitting(db: Db, query: Query, rows: readonly DeviceRow[], judges: Judges): Promise<PickedDevice[]> {
  const judged = rows.map((row) => ({ row, verdict: judges.early(row) })).filter(({ verdict }) => verdict !== false)
  const open = judged.filter(({ verdict }) => verdict === undefined).map(({ row }) => row)
  const known = await standingByDevice(db, { ...query, isForFailures: judges.isForFailures }, open)
  return judged.flatMap(({ row, verdict }) => {
    const standing = known.get(row.id)
    return verdict || (standing && judges.whole(row, standing)) ? [{ row, standing }] : []
  })
}

/** Reads the standing of the rows that were picked without it. */
async function withStanding(db: Db, query: Query, picked: readonly PickedDevice[]): Promise<PickedDevice[]> {
  const missing = picked.filter(({ standing }) => standing === undefined).map(({ row }) => row)
  const known = await standingByDevice(db, query, missing)
  return picked.map(({ row, standing }) => ({ row, standing: standing ?? known.get(row.id) }))
}

const filteredOf = (row: DeviceRow, { nowMs, hubs }: DeviceMoment): FilteredDevice => ({
  facts: factsOf(row, nowMs),
  liveness: livenessOf(row, nowMs),
  link: deviceLinkOf(row, hubs),
  agentVersion: row.agent_version ?? undefined,
  cpuModel: machineOf(row)?.cpuModel,
})
