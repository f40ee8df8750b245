/**
 * Learn together: the part of one device in a federated order. Each step leaves a file, so that an agent that was killed
 * goes on with the step in which it ended:
 *
 *     rows.f64 is whole ─▶ part.json ─▶ the hub has it, and joins the parts of all devices ─▶ result.json ─▶ own values
 */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { LearningOrder } from '@skerry/contract/held/learnings'
import { type CovariancePart, LearningResult } from '@skerry/contract/learning/result'
import { ownValuesIn } from '@skerry/onnx/learn/joint'
import { writeAtomic } from '@skerry/platform/files/atomic-file'
import type { FileSystem } from '@skerry/platform/files/file-system'
import { statesFolderIn } from '../campaigns/device-state.ts'

export type Together = NonNullable<LearningOrder['together']>

/** The part of the device; undefined if findings speak against one. */
export async function partIn(path: string): Promise<CovariancePart | undefined> {
  return LearningResult.parse(JSON.parse(await readFile(path, 'utf8'))).part
}

type Keeping = { fileSystem: FileSystem; data: string }

/** From now on a version of the joint detector serves with the scaling and the threshold of this device. */
export async function keepOwnValues(
  { fileSystem, data }: Keeping,
  { campaign }: Together,
  resultPath: string,
): Promise<void> {
  const { detector, outcome } = LearningResult.parse(JSON.parse(await readFile(resultPath, 'utf8')))
  if (!detector) return
  const values = ownValuesIn(Buffer.from(detector.model, 'base64'), outcome.tags.length)
  const folder = statesFolderIn(data)
  await fileSystem.makeFolder(folder)
  const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength)
  await writeAtomic(fileSystem, join(folder, campaign), bytes)
}
