/** Stores an admitted build: its files become blobs, then its record names and signs them. */
import { readFile } from 'node:fs/promises'
import { type OutputFidelity, type Recipe, SKIPPED_SHOWN } from '@skerry/contract/builds/build'
import type { Calibration } from '@skerry/contract/builds/calibration'
import { GOLDEN_PATH, Golden } from '@skerry/contract/devices/golden'
import { MODEL_PATH } from '@skerry/contract/kinds/model'
import type { ModelFile } from '@skerry/contract/models/model'
import type { Tensor } from '@skerry/contract/models/tensor'
import type { BuildId } from '@skerry/contract/values/ids'
import { canonicalJson } from '@skerry/core/values/canonical-json'
import type { BuildResult } from '@skerry/inference/optimise/build-model'
import { digestOf } from '@skerry/platform/files/hash'
import { signModel } from '@skerry/platform/signatures/model-signature'
import { holdBlob, refuseRemoved } from '../blobs/blob-store.ts'
import type { Hub } from '../hub.ts'
import { requireStorageRoom } from '../organisations/quota.ts'
import { toJson } from '../store/json-column.ts'
import type { Tx } from '../store/store.ts'
import type { BuildLineage } from '../store/tables/build-tables.ts'
import type { VersionTable } from '../store/tables/foundation-tables.ts'
import { signerFor } from '../trust/signer.ts'
import { findSameBuild, insertBuild, updateFidelity } from './build-store.ts'

export type AdmittedBuild = {
  version: VersionTable
  recipe: Recipe
  golden: Golden
  createdBy: string
  /** The file of its model. */
  outPath: string
  reports: Extract<BuildResult, { ok: true }>['reports']
  /** Its own answers to all golden inputs. */
  outputs: readonly Record<string, Tensor>[]
  fidelity: OutputFidelity[]
  lineage: BuildLineage
}

/** The bytes become blobs before the record exists. Blobs that a crash leaves behind are collected. */
export async function storeBuild(hub: Hub, storing: AdmittedBuild, signal: AbortSignal): Promise<BuildId> {
  const model = await readFile(storing.outPath)
  const golden = Buffer.from(canonicalJson(goldenOf(storing)))
  const files = [fileOf(GOLDEN_PATH, golden), fileOf(MODEL_PATH, model)]
  using _pins = hub.blobGuard.pin(files.map(({ digest }) => digest))
  for (const [index, bytes] of [golden, model].entries()) {
    const file = files[index]
    if (!file) continue
    await hub.blobGuard.exclusive(file.digest, async () => {
      await refuseRemoved(hub.store.db, file.digest)
      await hub.blobs.put(file.digest, bytes, signal)
      await hub.store.transaction((tx) => hold(tx, hub, storing.version, file))
    })
  }
  return hub.store.transaction((tx) => record(tx, hub, storing, files))
}

const fileOf = (path: string, bytes: Uint8Array): ModelFile => ({
  path,
  digest: digestOf(bytes),
  sizeBytes: bytes.length,
})

async function hold(tx: Tx, hub: Hub, { organisation_id: organisationId }: VersionTable, file: ModelFile) {
  await requireStorageRoom(tx, organisationId, file.sizeBytes)
  await holdBlob(tx, { organisationId, ...file, nowMs: hub.clock.nowMs() })
}

/**
 * Devices compare a build with its own answers on the hub. They may be as far from them as the version's tolerance
 * allows.
 */
function goldenOf({ golden, outputs }: AdmittedBuild): Golden {
  const cases = golden.cases.map(({ inputs }, index) => ({ inputs, outputs: outputs[index] ?? {} }))
  return Golden.parse({ tolerance: golden.tolerance, cases })
}

async function record(
  tx: Tx,
  hub: Hub,
  { version, recipe, reports, fidelity, lineage, createdBy }: AdmittedBuild,
  files: readonly ModelFile[],
): Promise<BuildId> {
  const digest = digestOf(canonicalJson([...files]))
  const same = await findSameBuild(tx, { version_id: version.id, recipe, digest })
  if (same !== undefined) {
    if (lineage.labels) await updateFidelity(tx, same, { fidelity: toJson(fidelity), lineage: toJson(lineage) })
    return same
  }
  const bundle = signModel({
    name: `${version.name}/${version.version}`,
    resources: files,
    lineage: {
      parents: [{ name: version.name, version: version.version, digest: version.digest }],
      tool: `skerry ${recipe}`,
      ...(lineage.calibration && { notes: calibrationNote(lineage.calibration) }),
    },
    privateKeyPem: (await signerFor(tx, hub, version.organisation_id)).privateKeyPem,
  })
  const changed = reports.flatMap((report) => report.changed).length
  const skipped = reports.flatMap((report) => report.skipped)
  const id = hub.ids.build()
  await insertBuild(
    tx,
    {
      id,
      organisation_id: version.organisation_id,
      version_id: version.id,
      recipe,
      digest,
      size_bytes: files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
      bundle: toJson(bundle),
      fidelity: toJson(fidelity),
      changed,
      skipped_count: skipped.length,
      skipped: toJson(skipped.slice(0, SKIPPED_SHOWN)),
      lineage: toJson(lineage),
      created_at_ms: hub.clock.nowMs(),
      created_by: createdBy,
    },
    files,
  )
  return id
}

/** Signed with the build, so that nobody can name other inputs later. */
const calibrationNote = ({ digest, rows, origin }: Calibration) => `ranges from ${rows} rows of ${digest} (${origin})`
