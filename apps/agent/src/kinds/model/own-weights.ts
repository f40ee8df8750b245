/**
 * Own weights: the values that this device trained for itself in a campaign, for a version of that campaign. The version
 * proves itself with the weights of its signed file. It serves with the device's own ones.
 */
import { readFile, utimes } from 'node:fs/promises'
import { join } from 'node:path'
import { PERSONAL_PATH, PersonalFile } from '@skerry/contract/campaigns/personal-file'
import type { DesiredItem } from '@skerry/contract/devices/desired'
import { isFiniteWeights, weightsOfBytes } from '@skerry/core/campaigns/weights'
import { type OwnWeights, readSource } from '@skerry/inference/runtime/model-source'
import type { VersionFiles } from '../../runner/version-files.ts'

export type OwnWeightsDeps = {
  files: Pick<VersionFiles, 'withFile'>
  /** The folder of the values that the device keeps for campaigns. */
  statesFolder: string
}

/** Undefined if the version has no such weights, or the device has no values for them. */
export async function ownWeightsOf(
  { files, statesFolder }: OwnWeightsDeps,
  item: DesiredItem,
): Promise<OwnWeights | undefined> {
  if (!item.files.some(({ path }) => path === PERSONAL_PATH)) return undefined
  const text = await files.withFile(item, PERSONAL_PATH, async (file) => Buffer.from(readSource(file)).toString('utf8'))
  const personal = PersonalFile.safeParse(parsed(text))
  if (!personal.success) return undefined
  const { campaign, weights } = personal.data
  const path = join(statesFolder, campaign)
  const bytes = await readFile(path).catch(() => undefined)
  const elements = weights.reduce((sum, each) => sum + each.elements, 0)
  // Corrections of steps may follow in the file.
  const values = bytes?.subarray(0, elements * 4)
  const line = values && weightsOfBytes(values, elements)
  if (!line || !values || !isFiniteWeights(line)) return undefined
  // The device removes the values that nobody has used for the longest time.
  const now = new Date()
  await utimes(path, now, now).catch(() => undefined)
  return { weights, values: new Uint8Array(values) }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
