/** Measurement store: the newest result of each candidate on each device. */
import { type BenchReport, MEASUREMENTS_MAX, type Measurement } from '@skerry/contract/builds/measurement'
import type { BatchId, DeviceId, OrganisationId, VersionId } from '@skerry/contract/values/ids'
import { fromJson, toJson } from '../store/json-column.ts'
import type { Db, Tx } from '../store/store.ts'
import type { BuildMeasurementTable } from '../store/tables/build-tables.ts'
import type { VersionTable } from '../store/tables/foundation-tables.ts'

/** The newest measurements of a version and its builds, newest first. */
export async function measurementsOf(db: Db, versionId: VersionId): Promise<Measurement[]> {
  const rows = await db
    .selectFrom('build_measurements')
    .innerJoin('versions', 'versions.id', 'build_measurements.version_id')
    .innerJoin('devices', 'devices.id', 'build_measurements.device_id')
    .leftJoin('builds', 'builds.id', 'build_measurements.build_id')
    .selectAll('build_measurements')
    .select(['versions.name', 'versions.version', 'devices.name as device', 'builds.recipe'])
    .where('build_measurements.version_id', '=', versionId)
    .orderBy('measured_at_ms', 'desc')
    .orderBy('device')
    .orderBy('build_measurements.digest')
    .limit(MEASUREMENTS_MAX)
    .execute()
  return rows.map((row) => ({
    name: row.name,
    version: row.version,
    ...(row.build_id !== null && { build: row.build_id }),
    ...(row.recipe !== null && { recipe: row.recipe }),
    hardwareClass: row.hardware_class,
    deviceId: row.device_id,
    device: row.device,
    batchId: row.batch_id,
    agent: row.agent,
    runtime: row.runtime,
    threads: row.threads,
    ...(row.timing !== null && { timing: fromJson(row.timing) }),
    ...(row.problem !== null && { problem: fromJson(row.problem) }),
    ...(row.sessions !== null && { sessions: fromJson(row.sessions) }),
    measuredAtMs: row.measured_at_ms,
  }))
}

export type Measured = {
  organisationId: OrganisationId
  name: string
  version: number
  deviceId: DeviceId
  batchId: BatchId
  report: BenchReport
  nowMs: number
}

/**
 * Stores the results of a report in place of the device's earlier ones. It leaves out candidates that are no form of the
 * version any more: builds are removed while a batch runs.
 */
export async function storeMeasurements(tx: Tx, measured: Measured): Promise<void> {
  const version = await tx
    .selectFrom('versions')
    .select(['id', 'digest'])
    .where('organisation_id', '=', measured.organisationId)
    .where('name', '=', measured.name)
    .where('version', '=', measured.version)
    .executeTakeFirst()
  if (!version) return
  const builds = await tx.selectFrom('builds').select(['id', 'digest']).where('version_id', '=', version.id).execute()
  const digests = new Map<string | undefined, string>([
    [undefined, version.digest],
    ...builds.map(({ id, digest }) => [id, digest] as const),
  ])
  const rows = measured.report.candidates.filter(({ build, digest }) => digests.get(build) === digest)
  for (const row of rows.map((result) => rowOf(measured, version, result))) {
    const { version_id: _version, digest: _digest, device_id: _device, ...fresh } = row
    await tx
      .insertInto('build_measurements')
      .values(row)
      .onConflict((conflict) => conflict.columns(['version_id', 'digest', 'device_id']).doUpdateSet(fresh))
      .execute()
  }
}

function rowOf(
  { organisationId, deviceId, batchId, report, nowMs }: Measured,
  { id }: Pick<VersionTable, 'id'>,
  { build, digest, timing, problem, sessions }: BenchReport['candidates'][number],
): BuildMeasurementTable {
  return {
    version_id: id,
    digest,
    device_id: deviceId,
    organisation_id: organisationId,
    build_id: build ?? null,
    hardware_class: report.hardwareClass,
    batch_id: batchId,
    agent: report.agent,
    runtime: report.runtime,
    threads: report.threads,
    timing: timing ? toJson(timing) : null,
    problem: problem ? toJson(problem) : null,
    sessions: sessions ? toJson(sessions) : null,
    measured_at_ms: nowMs,
  }
}
