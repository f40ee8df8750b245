/**
 * Read drop: finds the parts of the dropped files before the upload: the model, its weights, golden inputs, and errors.
 */
import type { GoldenReading, GoldenSpecs } from '@skerry/client/golden-cases/golden-reading'
import type { ModelSummary } from '@skerry/contract/models/model-summary'
import { type FilePlan, findModel, isLanguage, type LocalFile, planFiles } from './file-plan.ts'
import { readModelFile } from './job/file-workers.ts'
import type { LanguageReading } from './language/read-language.ts'

/**
 * The whole file is in memory while it is read. Larger models have their weights beside them, or only the hub reads
 * them.
 */
const MODEL_READ_MAX_BYTES = 1024 ** 3

/** Four times the contract's limit for golden inputs, because JSON of nested arrays is longer than base64. */
const GOLDEN_READ_MAX_BYTES = 64 * 1024 ** 2

export type DropReading =
  | LanguageReading
  | { kind: 'unclear'; why: 'none' | 'several'; names: string[] }
  | {
      kind: 'read'
      model: LocalFile
      plan: FilePlan<LocalFile>
      /** Absent if the browser cannot read the model, or if the model is rejected. */
      summary?: ModelSummary
      /** The error that the hub would answer with. */
      refusal?: { code: string; message: string }
      golden?: GoldenReading
    }

/** Reads the files; rejects when the signal fires. */
export async function readDrop(files: readonly LocalFile[], signal: AbortSignal): Promise<DropReading> {
  const found = findModel(files)
  if (!found.ok) return { kind: 'unclear', why: found.why, names: found.names }
  const { model } = found
  if (isLanguage(model.path)) {
    const { readLanguage } = await import('./language/read-language.ts')
    return readLanguage(files, model)
  }
  if (model.sizeBytes > MODEL_READ_MAX_BYTES) return unread(files, model)
  const beside = files.map(({ path, sizeBytes }) => ({ path, sizeBytes }))
  const { path, sizeBytes, file } = model
  const reading = await readModelFile({ file, model: { path, sizeBytes }, beside }, signal)
  const tensors = reading.ok ? [...reading.summary.inputs, ...reading.summary.outputs] : []
  const plan = planFiles(files, model, { needed: reading.needed, tensors: tensors.map(({ name }) => name) })
  if (!reading.ok) return { kind: 'read', model, plan, refusal: reading }
  const golden = plan.golden && (await readGolden(plan.golden, reading.summary))
  return { kind: 'read', model, plan, summary: reading.summary, ...(golden && { golden }) }
}

/** The model is too large to read here. So any file beside it may belong to its weights. */
function unread(files: readonly LocalFile[], model: LocalFile): DropReading {
  const folder = model.path.slice(0, model.path.lastIndexOf('/') + 1)
  const weights = files
    .filter((file) => file !== model && file.path.startsWith(folder))
    .map((file) => ({ path: file.path.slice(folder.length), file }))
  return { kind: 'read', model, plan: { weights, missing: [], golden: undefined, unused: [] } }
}

async function readGolden(
  found: NonNullable<FilePlan<LocalFile>['golden']>,
  specs: GoldenSpecs,
): Promise<GoldenReading> {
  const files = found.kind === 'file' ? [found.file] : found.files.map(({ file }) => file)
  const large = files.find(({ sizeBytes }) => sizeBytes > GOLDEN_READ_MAX_BYTES)
  if (large) return { ok: false, message: `${large.path} is over ${GOLDEN_READ_MAX_BYTES / 1024 ** 2} MiB` }
  if (found.kind === 'file') {
    const { readGoldenFile } = await import('@skerry/client/golden-cases/golden-file')
    return readGoldenFile(new Uint8Array(await found.file.file.arrayBuffer()), specs, undefined)
  }
  const pieces = found.files.map(async ({ tensor, file: { path, file } }) => ({
    name: tensor,
    from: path,
    bytes: new Uint8Array(await file.arrayBuffer()),
  }))
  const { readGoldenBytes } = await import('@skerry/client/golden-cases/golden-raw')
  return readGoldenBytes(await Promise.all(pieces), specs, undefined)
}
