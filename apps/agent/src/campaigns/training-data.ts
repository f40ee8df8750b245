/**
 * Training data: the folders that the owner of this device offers to campaigns, by the agent's option. Without the option
 * the device takes part in nothing.
 */
import type { OfferedData } from '@skerry/contract/held/campaigns'
import { describeDataSet } from '@skerry/inference/train/data-set'
import type { TrainingData } from '../options.ts'

export type DescribedData = { offered: OfferedData[]; problems: string[] }

/** [contract, OfferedData] A hub rejects more. */
const CLASSES_MAX = 10_000

/** The facts of each folder; a folder that cannot be read is left out, with the reason. */
export async function describeTrainingData(sets: readonly TrainingData[]): Promise<DescribedData> {
  const described: DescribedData = { offered: [], problems: [] }
  for (const { name, campaigns, folder } of sets) {
    const facts = await describeDataSet(folder).catch((error: unknown) => ({
      ok: false as const,
      message: error instanceof Error ? error.message : String(error),
    }))
    if (!facts.ok) described.problems.push(`${name}: ${facts.message}`)
    else if (facts.value.classes > CLASSES_MAX) described.problems.push(`${name}: a label is over ${CLASSES_MAX}`)
    else {
      const consent = campaigns === 'any' ? campaigns : [...campaigns]
      described.offered.push({ name, campaigns: consent, ...facts.value })
    }
  }
  return described
}
