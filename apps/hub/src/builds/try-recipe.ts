/**
 * One recipe: makes a build in a process of its own, compares its answers with those of the version, and stores it if
 * they are near enough.
 *
 *     build ─▶ run the golden inputs ─▶ gate ─▶ golden file of the build ─▶ blobs ─▶ record
 */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { FidelityGoal, OutputFidelity, Recipe, RecipeResult } from '@skerry/contract/builds/build'
import { SKIPPED_SHOWN } from '@skerry/contract/builds/build'
import { GOLDEN_PATH, Golden } from '@skerry/contract/devices/golden'
import { MODEL_PATH } from '@skerry/contract/kinds/model'
import type { ModelFile } from '@skerry/contract/models/model'
import type { Tensor } from '@skerry/contract/models/tensor'
import type { BuildId } from '@skerry/contract/values/ids'
import { judgeFidelity, measureFidelity } from '@skerry/core/builds/fidelity'
import { calibrationCases, gateCases } from '@skerry/core/builds/optimisation'
import type { GoldenOutputs } from '@skerry/core/device/proof/golden'
import { canonicalJson } from '@skerry/core/values/canonical-json'
import { type BuildResult, buildModel } from '@skerry/inference/optimise/build-model'
import { runSandboxed } from '@skerry/inference/seat/sandbox'
import { digestOf } from '@skerry/platform/files/hash'
import { signModel } from '@skerry/platform/signatures/model-signature'
import { holdBlob, refuseRemoved } from '../blobs/blob-store.ts'
import type { Hub } from '../hub.ts'
import type { Staged } from '../models/staging.ts'
import { requireStorageRoom } from '../organisations/quota.ts'
import { toJson } from '../store/json-column.ts'
import type { Tx } from '../store/store.ts'
import type { VersionTable } from '../store/tables/foundation-tables.ts'
import { signerFor } from '../trust/signer.ts'
import { findSameBuild, insertBuild } from './build-store.ts'

/** A calibration runs each case once through all of the model, a hundredth of a second to a second each. */
export const BUILD_MS = 120_000

/** As for a pushed model. */
const TRIAL_LIMITS = { loadMs: 30_000, casesMs: 60_000 }

export type RecipeTrial = {
  version: VersionTable
  recipe: Recipe
  goal: FidelityGoal
  staged: Staged
  golden: Golden
  createdBy: string
}

type Gated = { outputs: Record<string, Tensor>[]; fidelity: OutputFidelity[] }
type Made = Extract<BuildResult, { ok: true }>

/** The result of the recipe. A build that reaches the goal is stored; rejects only when the signal fires. */
export async function tryRecipe(hub: Hub, trial: RecipeTrial, signal: AbortSignal): Promise<RecipeResult> {
  const { recipe } = trial
  const startedMs = hub.clock.monotonicMs()
  const took = () => ({ tookMs: Math.round(hub.clock.monotonicMs() - startedMs) })
  const outPath = join(trial.staged.folder, `${recipe}.onnx`)
  const made = await makeBuild(hub, trial, outPath, signal)
  if (!made.ok) {
    const outcome = made.code === 'build_refused' ? 'refused' : 'failed'
    return { recipe, outcome, message: made.message.slice(0, 1_000), ...took() }
  }
  const figures = { sizeBytes: made.sizeBytes, peakBytes: made.peakBytes }
  const gated = await gate(hub, trial, outPath, signal)
  if ('message' in gated) {
    const { fidelity } = gated
    return {
      recipe,
      outcome: 'refused',
      message: gated.message.slice(0, 1_000),
      ...figures,
      ...(fidelity && { fidelity }),
      ...took(),
    }
  }
  const buildId = await storeBuild(hub, { ...trial, outPath, made, gated }, signal)
  return { recipe, outcome: 'admitted', buildId, ...figures, fidelity: gated.fidelity, ...took() }
}

function makeBuild(hub: Hub, { recipe, staged, golden }: RecipeTrial, outPath: string, signal: AbortSignal) {
  const cases = calibrationCases(recipe, golden.cases.length).map((index) => golden.cases[index])
  const inputs = cases.flatMap((each) => (each ? [{ inputs: each.inputs }] : []))
  const order = { modelPath: staged.modelPath, outPath, recipe, cases: inputs, keep: [] }
  return buildModel(order, { timeMs: BUILD_MS, memoryBytes: hub.trialBytes }, signal)
}

type Missed = { message: string; fidelity?: OutputFidelity[] }

/** Runs all golden inputs, which give the reference of the devices, and compares those of the gate. */
async function gate(
  hub: Hub,
  { recipe, golden, goal }: RecipeTrial,
  modelPath: string,
  signal: AbortSignal,
): Promise<Gated | Missed> {
  const cases = golden.cases.map(({ inputs }) => ({ inputs }))
  const limits = { ...TRIAL_LIMITS, memoryBytes: hub.trialBytes }
  const ran = await runSandboxed({ modelPath, cases, limits, signal })
  if (!ran.ok) return { message: ran.message }
  const compared = gateCases(recipe, golden.cases.length)
  const measured = measureFidelity({
    version: compared.map((index) => outputsOf(golden.cases[index]?.outputs ?? {})),
    build: compared.map((index) => outputsOf(ran.outputs[index] ?? {})),
  })
  if (!measured.ok) return measured
  const { fidelity } = measured
  const verdict = judgeFidelity(fidelity, goal)
  return verdict.ok ? { outputs: ran.outputs, fidelity } : { message: verdict.message, fidelity }
}

const outputsOf = (outputs: Record<string, Tensor>): GoldenOutputs =>
  new Map(
    Object.entries(outputs).map(([name, { datatype, shape, data }]) => [
      name,
      { datatype, shape, data: Buffer.from(data, 'base64') },
    ]),
  )

type Storing = RecipeTrial & { outPath: string; made: Made; gated: Gated }

/** The bytes become blobs before the record exists. Blobs that a crash leaves behind are collected. */
async function storeBuild(hub: Hub, storing: Storing, signal: AbortSignal): Promise<BuildId> {
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
function goldenOf({ golden, gated }: Storing): Golden {
  const cases = golden.cases.map(({ inputs }, index) => ({ inputs, outputs: gated.outputs[index] ?? {} }))
  return Golden.parse({ tolerance: golden.tolerance, cases })
}

async function record(
  tx: Tx,
  hub: Hub,
  { version, recipe, made, gated, createdBy }: Storing,
  files: readonly ModelFile[],
): Promise<BuildId> {
  const digest = digestOf(canonicalJson([...files]))
  const same = await findSameBuild(tx, { version_id: version.id, recipe, digest })
  if (same !== undefined) return same
  const bundle = signModel({
    name: `${version.name}/${version.version}`,
    resources: files,
    lineage: {
      parents: [{ name: version.name, version: version.version, digest: version.digest }],
      tool: `skerry ${recipe}`,
    },
    privateKeyPem: (await signerFor(tx, hub, version.organisation_id)).privateKeyPem,
  })
  const changed = made.reports.flatMap((report) => report.changed).length
  const skipped = made.reports.flatMap((report) => report.skipped)
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
      fidelity: toJson(gated.fidelity),
      changed,
      skipped_count: skipped.length,
      skipped: toJson(skipped.slice(0, SKIPPED_SHOWN)),
      created_at_ms: hub.clock.nowMs(),
      created_by: createdBy,
    },
    files,
  )
  return id
}
