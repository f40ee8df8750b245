/** Choice store: the measurements of the builds of a version, and the choices that follow from them. */
import { setImmediate } from 'node:timers/promises'
import { BEST_BUILD, type BuildPreference } from '@skerry/contract/builds/build'
import type { ClassBuild, ClassChoice } from '@skerry/contract/builds/measurement'
import { GOLDEN_PATH } from '@skerry/contract/devices/golden'
import type { DeviceId, OrganisationId, VersionId } from '@skerry/contract/values/ids'
import {
  type ChoiceBuild,
  type ChoiceMeasurement,
  chooseBuilds,
  classBuildsOf,
  type VersionPeak,
} from '@skerry/core/builds/choice'
import type { Bounds } from '@skerry/core/builds/preference'
import { fromJson } from '../store/json-column.ts'
import type { Db } from '../store/store.ts'
import type { VersionTable } from '../store/tables/foundation-tables.ts'
import { classOfInventory } from './class-form-store.ts'

type Version = Pick<VersionTable, 'id' | 'organisation_id'>

type Wished = {
  /** Measured classes are added to these. */
  classes?: Iterable<string>
  prefer?: BuildPreference | undefined
}

/** The choices of now. */
export async function choicesOf(
  db: Db,
  version: Version,
  { classes = [], prefer = BEST_BUILD }: Wished,
): Promise<ClassChoice[]> {
  const [builds, measurements, more] = await Promise.all([
    choiceBuilds(db, version),
    buildMeasurements(db, version.id),
    prefer === BEST_BUILD ? {} : preferenceFacts(db, version),
  ])
  return chooseBuilds({ builds, measurements, classes, prefer, ...more })
}

/** The builds that a revision of the version would fix now. */
export const bestBuilds = async (
  db: Db,
  version: Version,
  prefer: BuildPreference | undefined,
): Promise<ClassBuild[]> => classBuildsOf(await choicesOf(db, version, { prefer }))

async function preferenceFacts(db: Db, version: Version): Promise<{ versionPeaks: VersionPeak[]; bounds: Bounds }> {
  const [versionPeaks, versionBytes, p95MaxMs] = await Promise.all([
    versionMemory(db, version.id),
    modelBytes(db, version.id),
    p95Goal(db, version),
  ])
  return { versionPeaks, bounds: { versionBytes, p95MaxMs } }
}

/** The p95 goal of the version's last optimisation; undefined if it has none. */
export async function p95Goal(db: Db, { id, organisation_id }: Version): Promise<number | undefined> {
  const row = await db
    .selectFrom('optimisations')
    .select('goal')
    .where('organisation_id', '=', organisation_id)
    .where('version_id', '=', id)
    .orderBy('created_at_ms', 'desc')
    .orderBy('id', 'desc')
    .limit(1)
    .executeTakeFirst()
  return row && fromJson(row.goal).p95MaxMs
}

/** Of the version itself, without golden cases. */
async function modelBytes(db: Db, versionId: VersionId): Promise<number | undefined> {
  const rows = await db
    .selectFrom('version_files')
    .select('size_bytes')
    .where('version_id', '=', versionId)
    .where('path', '!=', GOLDEN_PATH)
    .execute()
  return rows.length === 0 ? undefined : rows.reduce((sum, { size_bytes }) => sum + size_bytes, 0)
}

async function versionMemory(db: Db, versionId: VersionId): Promise<VersionPeak[]> {
  const rows = await db
    .selectFrom('build_measurements as measured')
    .innerJoin('devices', 'devices.id', 'measured.device_id')
    .select(['measured.hardware_class', 'devices.name', 'measured.timing'])
    .where('measured.version_id', '=', versionId)
    .where('measured.build_id', 'is', null)
    .where('measured.timing', 'is not', null)
    .execute()
  return rows.flatMap(({ hardware_class: hardwareClass, name: device, timing }) =>
    timing === null ? [] : [{ hardwareClass, device, peakBytes: fromJson(timing).peakBytes }],
  )
}

async function choiceBuilds(db: Db, { id, organisation_id }: Version): Promise<ChoiceBuild[]> {
  const rows = await db
    .selectFrom('builds')
    .leftJoin('build_files as golden', (join) =>
      join.onRef('golden.build_id', '=', 'builds.id').on('golden.path', '=', GOLDEN_PATH),
    )
    .select(['builds.id', 'builds.recipe', 'builds.size_bytes', 'builds.fidelity', 'golden.size_bytes as golden_bytes'])
    .where('builds.organisation_id', '=', organisation_id)
    .where('builds.version_id', '=', id)
    .execute()
  return rows.map(({ size_bytes, golden_bytes, fidelity, ...build }) => ({
    ...build,
    sizeBytes: size_bytes - (golden_bytes ?? 0),
    fidelity: fromJson(fidelity),
  }))
}

/** Without those of the version itself: the speed of a build is a ratio to it already. */
async function buildMeasurements(db: Db, versionId: VersionId): Promise<ChoiceMeasurement[]> {
  const rows = await db
    .selectFrom('build_measurements as measured')
    .innerJoin('devices', 'devices.id', 'measured.device_id')
    .select(['measured.build_id', 'measured.hardware_class', 'devices.name', 'measured.timing', 'measured.problem'])
    .select(['measured.measured_at_ms', 'measured.sessions'])
    .where('measured.version_id', '=', versionId)
    .where('measured.build_id', 'is not', null)
    .execute()
  return rows.flatMap(({ build_id, hardware_class, name, timing, problem, sessions, measured_at_ms }) =>
    build_id === null
      ? []
      : [
          {
            build: build_id,
            hardwareClass: hardware_class,
            device: name,
            timing: timing === null ? undefined : fromJson(timing),
            problem: problem === null ? undefined : fromJson(problem),
            sessions: sessions === null ? undefined : fromJson(sessions),
            measuredAtMs: measured_at_ms,
          },
        ],
  )
}

/** Devices that one query reads. Their inventories take some 400 kB. */
const SCAN_ROWS = 500

/** The classes of hardware that devices of the organisation have, by their last reports, each with one of its devices. */
export async function fleetClasses(db: Db, organisationId: OrganisationId): Promise<Map<string, string>> {
  const classes = new Map<string, string>()
  let after: DeviceId | undefined
  for (;;) {
    const rows = await scannedReports(db, organisationId, after)
    for (const { inventory, name } of rows) {
      const hardwareClass = classOfInventory(inventory)
      if (hardwareClass !== undefined && !classes.has(hardwareClass)) classes.set(hardwareClass, name)
    }
    if (rows.length < SCAN_ROWS) return classes
    // A database in the process answers at once. Without this pause no other work would run until the whole fleet is
    // read.
    await setImmediate()
    after = rows.at(-1)?.device_id
  }
}

const scannedReports = (db: Db, organisationId: OrganisationId, after: DeviceId | undefined) =>
  db
    .selectFrom('device_reports')
    .innerJoin('devices', 'devices.id', 'device_reports.device_id')
    .select(['device_reports.device_id', 'device_reports.inventory', 'devices.name'])
    .where('device_reports.organisation_id', '=', organisationId)
    .where('devices.status', 'not in', ['pending', 'revoked', 'wiping', 'wiped'])
    .$if(after !== undefined, (select) => select.where('device_reports.device_id', '>', after ?? ('' as DeviceId)))
    .orderBy('device_reports.device_id')
    .limit(SCAN_ROWS)
    .execute()
