/**
 * File plan: finds among dropped files the model, its weights and its golden inputs. Paths are as they were dropped,
 * with `/`. Paths in a version are relative to the model's own folder.
 */

/** The properties of a file that the plan needs. */
export type Dropped = { path: string; sizeBytes: number }

/** A file with its content. */
export type LocalFile = Dropped & { file: File }

/**
 * The chosen files after another drop. A second model begins a new choice, because the other files belong to the first.
 * Otherwise the files are added, and a file replaces its predecessor: that with its path, or the previous golden cases.
 */
export function addDropped<File extends Dropped>(chosen: readonly File[], dropped: readonly File[]): File[] {
  const taken = new Set(dropped.map(roleOf))
  const isAnother = taken.has('model') && chosen.some((file) => roleOf(file) === 'model')
  return [...(isAnother ? [] : chosen.filter((file) => !taken.has(roleOf(file)))), ...dropped]
}

/** A version has one file of each role. Any other file has its path. */
function roleOf({ path }: Dropped): string {
  if (isModel(path)) return 'model'
  if (!/\.(json|npz)$/i.test(path)) return `at ${path}`
  return /golden|prompt/i.test(nameOf(path)) ? 'golden' : 'document'
}

export type FoundModel<File> = { ok: true; model: File } | { ok: false; why: 'none' | 'several'; names: string[] }

/** Whether the file is a model: ONNX, or GGUF for language models. */
export const isModel = (path: string): boolean => /\.(onnx|gguf)$/i.test(path)

/** Whether the file is a language model. */
export const isLanguage = (path: string): boolean => /\.gguf$/i.test(path)

/** The only model. If there are several, it is the one with the name model.onnx. */
export function findModel<File extends Dropped>(files: readonly File[]): FoundModel<File> {
  const models = files.filter(({ path }) => isModel(path))
  const named = models.filter(({ path }) => nameOf(path) === 'model.onnx')
  const [model, ...others] = named.length === 1 ? named : models
  if (model && others.length === 0) return { ok: true, model }
  return { ok: false, why: model ? 'several' : 'none', names: models.map(({ path }) => path) }
}

/**
 * The dropped file for a path that the model names: the file at that place beside the model. If the files were chosen
 * without their folders, it is the only one of that name.
 */
export function locate<File extends Dropped>(files: readonly File[], model: Dropped, wanted: string): File | undefined {
  const exact = files.find(({ path }) => path === `${folderOf(model.path)}${wanted}`)
  if (exact) return exact
  const alike = files.filter(({ path }) => !path.includes('/') && path === nameOf(wanted))
  return alike.length === 1 ? alike[0] : undefined
}

export type FilePlan<File> = {
  /** The other files of the version, under the paths that the model names. */
  weights: { path: string; file: File }[]
  /** Paths that the model names, without a dropped file. */
  missing: string[]
  /** One JSON or numpy file, or raw bytes for each tensor, in a file with the tensor's name. */
  golden: { kind: 'file'; file: File } | { kind: 'raw'; files: { tensor: string; file: File }[] } | undefined
  /** Files that the version does not need. */
  unused: File[]
}

/** Gives each file its part. `needed` are the paths that the model names, `tensors` its inputs and outputs by name. */
export function planFiles<File extends Dropped>(
  files: readonly File[],
  model: File,
  { needed, tensors }: { needed: readonly string[]; tensors: readonly string[] },
): FilePlan<File> {
  const found = needed.map((path) => ({ path, file: locate(files, model, path) }))
  const weights = found.flatMap(({ path, file }) => (file ? [{ path, file }] : []))
  const rest = files.filter((file) => file !== model && !weights.some((weight) => weight.file === file))
  const golden = goldenOf(rest, tensors)
  const used = golden?.kind === 'file' ? [golden.file] : (golden?.files.map(({ file }) => file) ?? [])
  return {
    weights,
    missing: found.filter(({ file }) => !file).map(({ path }) => path),
    golden,
    unused: rest.filter((file) => !used.includes(file)),
  }
}

function goldenOf<File extends Dropped>(files: readonly File[], tensors: readonly string[]): FilePlan<File>['golden'] {
  const documents = files.filter(({ path }) => /\.(json|npz)$/i.test(path))
  const named = documents.filter(({ path }) => /golden/i.test(nameOf(path)))
  const [file, ...others] = named.length === 1 ? named : documents
  if (file && others.length === 0) return { kind: 'file', file }
  const raw = files.flatMap((each) => {
    const [, tensor] = /^(.+)\.(bin|raw)$/i.exec(nameOf(each.path)) ?? []
    return tensor !== undefined && tensors.includes(tensor) ? [{ tensor, file: each }] : []
  })
  return raw.length > 0 ? { kind: 'raw', files: raw } : undefined
}

const nameOf = (path: string): string => path.split('/').at(-1) ?? path
const folderOf = (path: string): string => path.slice(0, path.lastIndexOf('/') + 1)

/**
 * A name for the model from that of its file: `Sensor_Anomaly.v1.onnx` → `sensor-anomaly-v1`; empty if there is none.
 */
export function modelNameOf(path: string): string {
  const file = nameOf(path)
  // Every exporter uses this file name, so the folder's name is better.
  const isUsual = /^model\.(onnx|gguf)$/i.test(file)
  const word = isUsual ? (path.split('/').at(-2) ?? '') : file.replace(/\.(onnx|gguf)$/i, '')
  return word
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .slice(0, 63)
    .replaceAll(/^-+|-+$/g, '')
}
