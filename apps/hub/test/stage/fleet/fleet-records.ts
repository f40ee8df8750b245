/** Fleet records: devices and versions for tests, inserted into the store as joining and pushing would do. */

import type { DesiredItem } from '@skerry/contract/devices/desired'
import type { DeviceReport } from '@skerry/contract/devices/device-report'
import type { ModelSummary } from '@skerry/contract/models/model-summary'
import type { DeviceId, OrganisationId } from '@skerry/contract/values/ids'
import { digestOf } from '@skerry/platform/files/hash'
import { signModel } from '@skerry/platform/signatures/model-signature'
import { buildDesiredItem } from '@skerry/testkit/simulation/desired-item'
import type { Identifiers } from '../../../src/identity/identifiers.ts'
import { storeReport } from '../../../src/link/reports/report-store.ts'
import { toJson } from '../../../src/store/json-column.ts'
import type { Store } from '../../../src/store/store.ts'
import type { DeviceTable } from '../../../src/store/tables/foundation-tables.ts'
import { INVENTORY } from '../test-device.ts'

/** Reports come once a minute, so a device is stale after three. */
export const INTERVAL_MS = 60_000

export type FleetDevice = {
  id: DeviceId
  name: string
  serving: Map<string, { version: number; digest: DesiredItem['digest'] }>
  /** The facts of its machine that differ from those of a usual one. */
  machine: Partial<DeviceReport['inventory']>
}

export type DeviceOptions = {
  site?: string
  labels?: Record<string, string>
  inventory?: Partial<DeviceReport['inventory']>
  status?: DeviceTable['status']
}

type Place = {
  store: Store
  ids: Identifiers
  organisationId: OrganisationId
  clock: { ms: number }
  devices: FleetDevice[]
}

/** Adds active devices that have reported once. */
export async function addDevices(
  { store, ids, organisationId, clock, devices }: Place,
  count: number,
  options: DeviceOptions,
) {
  const { site = 'plant', labels = {}, inventory = {}, status = 'active' } = options
  return store.transaction(async (tx) => {
    const known = await tx.selectFrom('sites').select('id').where('name', '=', site).executeTakeFirst()
    const siteId = known?.id ?? ids.site()
    if (!known) {
      const place = { country: null, region: null, latitude: null, longitude: null, clearance: 'internal' as const }
      const row = { id: siteId, organisation_id: organisationId, name: site, kind: 'edge' as const, ...place }
      await tx
        .insertInto('sites')
        .values({ ...row, labels: toJson({}), revision: 1, created_at_ms: clock.ms })
        .execute()
    }
    const added: FleetDevice[] = []
    for (let index = 0; index < count; index++) {
      const device: FleetDevice = {
        id: ids.device(),
        name: `device-${String(devices.length + index).padStart(4, '0')}`,
        serving: new Map(),
        machine: inventory,
      }
      await tx
        .insertInto('devices')
        .values({
          id: device.id,
          organisation_id: organisationId,
          site_id: siteId,
          name: device.name,
          labels: toJson(labels),
          revision: 1,
          status,
          public_key_hash: device.id,
          certificate_pem: null,
          certificate_serial: null,
          certificate_fingerprint: null,
          certificate_not_after_ms: null,
          shown_authority: null,
          join_token_id: ids.token(),
          generation: 0,
          resumed_generation: null,
          resumed_digest: null,
          created_at_ms: clock.ms,
        })
        .execute()
      const report = {
        v: 1,
        atMs: clock.ms,
        agentVersion: '0.1.0',
        bootId: 'boot-0001',
        observedGeneration: 0,
        lastGoodGeneration: 0,
        items: [],
        conditions: [],
        endpoints: {},
        inventory: { ...INVENTORY, ...inventory },
      } as const
      await storeReport(tx, {
        deviceId: device.id,
        report: { ...report, items: [], conditions: [] },
        receivedAtMs: clock.ms,
        intervalMs: INTERVAL_MS,
      })
      added.push(device)
    }
    return added
  })
}

/** A valid form without a signature. */
const UNSIGNED: DesiredItem['bundle'] = buildDesiredItem({ version: 1 }).bundle

const SUMMARY: Omit<ModelSummary, 'opsets'> = {
  irVersion: 8,
  producer: 'test',
  inputs: [],
  outputs: [{ name: 'y', datatype: 'FP32', shape: [1] }],
  unrankedOutputs: [],
  operators: [],
  parameterCount: 1,
  metadata: [],
  metadataOmittedCount: 0,
  externalFiles: [],
}

export type NewVersion = { model: string; version: number; opset: number; privateKeyPem?: string }

/** Adds a version of a model, and creates the model if needed. */
export async function addVersion(
  { store, ids, organisationId, clock }: Place,
  { model, version, opset, privateKeyPem }: NewVersion,
) {
  const id = ids.version()
  const digest = digestOf(`${model}/${version}`)
  const resources = [{ path: 'model.onnx', digest, sizeBytes: 1_000 }]
  const bundle = privateKeyPem ? signModel({ name: `${model}/${version}`, resources, privateKeyPem }) : UNSIGNED
  await store.transaction(async (tx) => {
    await tx
      .insertInto('models')
      .values({
        organisation_id: organisationId,
        name: model,
        kind: 'model',
        version_counter: version,
        created_at_ms: clock.ms,
        removed_at_ms: null,
      })
      .onConflict((conflict) => conflict.doNothing())
      .execute()
    await tx
      .insertInto('versions')
      .values({
        id,
        organisation_id: organisationId,
        name: model,
        kind: 'model',
        version,
        digest,
        push_digest: digest,
        size_bytes: 1_000,
        golden_cases: 0,
        labels: toJson({}),
        summary: toJson({ ...SUMMARY, opsets: [{ domain: 'ai.onnx', version: opset }] }),
        bundle: toJson(bundle),
        created_at_ms: clock.ms,
        created_by: 'test',
      })
      .execute()
    const file = { version_id: id, organisation_id: organisationId, path: 'model.onnx', digest, size_bytes: 1_000 }
    await tx.insertInto('version_files').values(file).execute()
  })
}
