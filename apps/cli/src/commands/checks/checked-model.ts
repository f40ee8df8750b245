/** Checked model: the files that the checks run on: an ONNX file on this computer, or a version of the hub. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { CheckedFile } from '@skerry/contract/checks/check-result'
import { GOLDEN_PATH, Golden } from '@skerry/contract/devices/golden'
import { MODEL_PATH } from '@skerry/contract/kinds/model'
import type { ModelSummary } from '@skerry/contract/models/model-summary'
import { fail } from '../../program/failure.ts'
import { readText } from '../../program/input-file.ts'
import type { Session } from '../../program/session.ts'
import { parseModelReference } from '../../program/values.ts'
import { downloadFile } from '../models/files/download-file.ts'
import { hashFiles } from '../models/files/model-files.ts'

export type CheckedModel = AsyncDisposable & {
  /** The path, or NAME:VERSION. */
  title: string
  modelPath: string
  summary: ModelSummary
  files: CheckedFile[]
  sizeBytes: number
  /** The golden cases of a version of the hub. */
  golden: Golden | undefined
}

/** Whether the text names a file. A reference to a version has neither a slash nor such an ending. */
export const isModelFile = (text: string) => /[/\\]|\.onnx$/i.test(text)

/** Opens the model. Files of the hub lie in a folder of their own until the model is disposed of. */
export async function openCheckedModel(text: string, session: Session): Promise<CheckedModel> {
  if (isModelFile(text)) return openFile(text, text, session)
  const { name, version = 'latest' } = parseModelReference(text)
  const { client, connection } = await session.hub()
  const detail = await client.model.getVersion({ name, version }, { signal: session.signal })
  if (!detail.files.some(({ path }) => path === MODEL_PATH))
    throw fail('file_invalid', `${name}:${detail.version} is no ONNX model`, {
      next: 'name a version of a model; other kinds have no such checks',
    })
  const folder = await mkdtemp(join(tmpdir(), 'skerry-test-'))
  const dispose = () => rm(folder, { recursive: true, force: true })
  try {
    for (const file of detail.files) await downloadFile(connection, file, folder, session)
    const model = await openFile(join(folder, MODEL_PATH), `${name}:${detail.version}`, session)
    const hasGolden = detail.files.some(({ path }) => path === GOLDEN_PATH)
    const golden = hasGolden ? Golden.parse(JSON.parse(await readText(join(folder, GOLDEN_PATH)))) : undefined
    return { ...model, golden, [Symbol.asyncDispose]: dispose }
  } catch (error) {
    await dispose()
    throw error
  }
}

async function openFile(modelPath: string, title: string, session: Session): Promise<CheckedModel> {
  // ONNX needs a library that would slow the start of every other command.
  const { readLocalModel } = await import('../models/files/local-model.ts')
  const { files, summary } = await readLocalModel(modelPath)
  const sizeBytes = files.reduce((sum, file) => sum + file.sizeBytes, 0)
  using progress = session.progress('hashing', sizeBytes)
  const hashed = await hashFiles(files, progress, session.signal)
  return {
    title,
    modelPath,
    summary,
    files: hashed.map(({ path, digest }) => ({ path, digest })),
    sizeBytes,
    golden: undefined,
    [Symbol.asyncDispose]: async () => undefined,
  }
}
