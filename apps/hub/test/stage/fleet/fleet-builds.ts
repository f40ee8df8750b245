/** Fleet builds: builds of a version and their measurements, inserted into the store as the hub would store them. */
import type { FidelityGoal, Recipe } from '@skerry/contract/builds/build'
import type { SessionResult } from '@skerry/contract/builds/measurement'
import type { BuildId, OrganisationId } from '@skerry/contract/values/ids'
import { digestOf } from '@skerry/platform/files/hash'
import { signModel } from '@skerry/platform/signatures/model-signature'
import { insertBuild } from '../../../src/builds/build-store.ts'
import type { Identifiers } from '../../../src/identity/identifiers.ts'
import { toJson } from '../../../src/store/json-column.ts'
import type { Store } from '../../../src/store/store.ts'
import type { FleetDevice } from './fleet-records.ts'

type Place = { store: Store; ids: Identifiers; organisationId: OrganisationId; clock: { ms: number } }

export type FleetBuild = { id: BuildId; recipe: Recipe; digest: ReturnType<typeof digestOf>; sizeBytes: number }

export type NewBuild = { model: string; version: number; recipe: Recipe; sizeBytes?: number; privateKeyPem: string }

/** Adds a build of a version. */
export async function addBuild(
  { store, ids, organisationId, clock }: Place,
  { model, version, recipe, sizeBytes = 250, privateKeyPem }: NewBuild,
): Promise<FleetBuild> {
  const row = await versionOf({ store, organisationId }, model, version)
  const digest = digestOf(`${model}/${version}/${recipe}`)
  const build = { id: ids.build(), recipe, digest, sizeBytes }
  const resources = [{ path: 'model.onnx', digest, sizeBytes }]
  await store.transaction((tx) =>
    insertBuild(
      tx,
      {
        id: build.id,
        organisation_id: organisationId,
        version_id: row.id,
        recipe,
        digest,
        size_bytes: sizeBytes,
        bundle: toJson(signModel({ name: `${model}/${version}`, resources, privateKeyPem })),
        fidelity: toJson([]),
        changed: 1,
        skipped_count: 0,
        skipped: toJson([]),
        lineage: null,
        created_at_ms: clock.ms,
        created_by: 'test',
      },
      resources,
    ),
  )
  return build
}

export type NewMeasurement = {
  model: string
  version: number
  build: FleetBuild
  hardwareClass: string
  device: FleetDevice
  speed: number
  sessions?: SessionResult[]
}

/** A device of the class has measured the build: it is so many times as fast as the version, for certain. */
export async function measure(
  { store, ids, organisationId, clock }: Place,
  { model, version, build, hardwareClass, device, speed, sessions }: NewMeasurement,
): Promise<void> {
  const row = await versionOf({ store, organisationId }, model, version)
  const ratio = { low: speed - 0.02, middle: speed, high: speed + 0.02 }
  const values = {
    organisation_id: organisationId,
    build_id: build.id,
    hardware_class: hardwareClass,
    batch_id: ids.batch(),
    agent: '0.2.0',
    runtime: '1.30.0',
    threads: 4,
    timing: toJson({ n: 100, p50Ms: 1, p95Ms: 2, peakBytes: 1_000, speed: ratio }),
    problem: null,
    sessions: sessions ? toJson(sessions) : null,
    measured_at_ms: clock.ms,
  }
  await store.transaction((tx) =>
    tx
      .insertInto('build_measurements')
      .values({ ...values, version_id: row.id, digest: build.digest, device_id: device.id })
      .onConflict((conflict) => conflict.columns(['version_id', 'digest', 'device_id']).doUpdateSet(values))
      .execute(),
  )
}

/** An optimisation that has ended. A later one replaces the goal of an earlier one. */
export async function addGoal(
  { store, ids, organisationId, clock }: Place,
  model: string,
  goal: FidelityGoal,
): Promise<void> {
  const version = await versionOf({ store, organisationId }, model, 1)
  clock.ms += 1
  const row = {
    id: ids.optimisation(),
    organisation_id: organisationId,
    version_id: version.id,
    status: 'done' as const,
    goal: toJson(goal),
    results: toJson([]),
    calibration_digest: null,
    calibration_origin: null,
    calibration_rows: null,
    created_at_ms: clock.ms,
    created_by: 'test',
    ended_at_ms: clock.ms,
  }
  await store.transaction((tx) => tx.insertInto('optimisations').values(row).execute())
}

const versionOf = (
  { store: { db }, organisationId }: Pick<Place, 'store' | 'organisationId'>,
  model: string,
  version: number,
) =>
  db
    .selectFrom('versions')
    .select('id')
    .where('organisation_id', '=', organisationId)
    .where('name', '=', model)
    .where('version', '=', version)
    .executeTakeFirstOrThrow()
