/** Choice store: the measurements of the builds of a version, and the choices that follow from them. */
import { setImmediate } from 'node:timers/promises'
import type { ClassBuild, ClassChoice } from '@skerry/contract/builds/measurement'
import type { DeviceId, OrganisationId, VersionId } from '@skerry/contract/values/ids'
import { type ChoiceBuild, type ChoiceMeasurement, chooseBuilds, classBuildsOf } from '@skerry/core/builds/choice'
import { fromJson } from '../store/json-column.ts'
import type { Db } from '../store/store.ts'
import type { VersionTable } from '../store/tables/foundation-tables.ts'
import { classOfInventory } from './class-form-store.ts'

type Version = Pick<VersionTable, 'id' | 'organisation_id'>

/** The choices of now, for the measured classes and these ones. */
export async function choicesOf(db: Db, version: Version, classes: Iterable<string>): Promise<ClassChoice[]> {
  const [builds, measurements] = await Promise.all([choiceBuilds(db, version), buildMeasurements(db, version.id)])
  return chooseBuilds({ builds, measurements, classes })
}

/** The builds that a revision of the version would fix now. */
export const bestBuilds = async (db: Db, version: Version): Promise<ClassBuild[]> =>
  classBuildsOf(await choicesOf(db, version, []))

async function choiceBuilds(db: Db, { id, organisation_id }: Version): Promise<ChoiceBuild[]> {
  const rows = await db
    .selectFrom('builds')
    .select(['id', 'recipe', 'size_bytes'])
    .where('organisation_id', '=', organisation_id)
    .where('version_id', '=', id)
    .execute()
  return rows.map(({ size_bytes, ...build }) => ({ ...build, sizeBytes: size_bytes }))
}

/** A measurement of the version itself decides nothing: the speed of a build is a ratio to it already. */
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
