/** Read drop: what the dropped files are, as far as it can be told before a byte is sent: the model, its weights, golden inputs, and what is wrong. */
import { type GoldenReading, readGoldenBytes, readGoldenText } from '@skerry/client/golden-inputs'
import type { ModelSummary } from '@skerry/contract/models/model-summary'
import type { TensorSpec } from '@skerry/contract/models/tensor'
import type { LocalFile } from './dropped-files.ts'
import { type FilePlan, findModel, planFiles } from './file-plan.ts'
import { readModelFile } from './job/file-workers.ts'

/** The whole file is in memory while it is read; weights of larger models lie beside them, or the hub looks alone. */
const MODEL_READ_MAX_BYTES = 1024 ** 3

/** Four times what the contract lets golden inputs be: JSON of nested arrays is longer than base64. */
const GOLDEN_READ_MAX_BYTES = 64 * 1024 ** 2

export type DropReading =
  | { kind: 'unclear'; why: 'none' | 'several'; names: string[] }
  | {
      kind: 'read'
      model: LocalFile
      plan: FilePlan<LocalFile>
      /** Absent where the model could not be read here, or is refused. */
      summary?: ModelSummary
      /** What the hub would say no with. */
      refusal?: { code: string; message: string }
      golden?: GoldenReading
    }

/** Reads the files; rejects when the signal fires. */
export async function readDrop(files: readonly LocalFile[], signal: AbortSignal): Promise<DropReading> {
  const found = findModel(files)
  if (!found.ok) return { kind: 'unclear', why: found.why, names: found.names }
  const { model } = found
  if (model.sizeBytes > MODEL_READ_MAX_BYTES) return unread(files, model)
  const beside = files.map(({ path, sizeBytes }) => ({ path, sizeBytes }))
  const { path, sizeBytes, file } = model
  const reading = await readModelFile({ file, model: { path, sizeBytes }, beside }, signal)
  const inputs = reading.ok ? reading.summary.inputs : []
  const plan = planFiles(files, model, { needed: reading.needed, inputs: inputs.map(({ name }) => name) })
  if (!reading.ok) return { kind: 'read', model, plan, refusal: reading }
  const golden = plan.golden && (await readGolden(plan.golden, inputs))
  return { kind: 'read', model, plan, summary: reading.summary, ...(golden && { golden }) }
}

/** Whatever lies beside a model that is too large to be read here may be its weights. */
function unread(files: readonly LocalFile[], model: LocalFile): DropReading {
  const folder = model.path.slice(0, model.path.lastIndexOf('/') + 1)
  const weights = files
    .filter((file) => file !== model && file.path.startsWith(folder))
    .map((file) => ({ path: file.path.slice(folder.length), file }))
  return { kind: 'read', model, plan: { weights, missing: [], golden: undefined, unused: [] } }
}

async function readGolden(
  found: NonNullable<FilePlan<LocalFile>['golden']>,
  inputs: readonly TensorSpec[],
): Promise<GoldenReading> {
  const files = found.kind === 'json' ? [found.file] : found.files.map(({ file }) => file)
  const large = files.find(({ sizeBytes }) => sizeBytes > GOLDEN_READ_MAX_BYTES)
  if (large) return { ok: false, message: `${large.path} is over ${GOLDEN_READ_MAX_BYTES / 1024 ** 2} MiB` }
  if (found.kind === 'json') return readGoldenText(await found.file.file.text(), inputs, undefined)
  const pieces = found.files.map(async ({ input, file: { path, file } }) => ({
    input,
    from: path,
    bytes: new Uint8Array(await file.arrayBuffer()),
  }))
  return readGoldenBytes(await Promise.all(pieces), inputs, undefined)
}
