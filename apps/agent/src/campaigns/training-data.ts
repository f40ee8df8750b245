/**
 * Training data: the folders that the owner of this device offers to campaigns, by the agent's option. Without the option
 * the device takes part in nothing.
 */
import { CAMPAIGN_ABILITIES, type OfferedData } from '@skerry/contract/held/campaigns'
import { describeDataSet } from '@skerry/inference/train/data-set'
import type { TrainingData } from './training-options.ts'

/** [contract, CampaignData] A hub declares fewer. */
const CLASSES_MAX = 10_000

/** The facts of each folder, or the reason why it cannot be read. */
export async function describeTrainingData(sets: readonly TrainingData[]): Promise<OfferedData[]> {
  const offered: OfferedData[] = []
  for (const set of sets) offered.push(await describeOne(set))
  return offered
}

async function describeOne({ name, campaigns, folder }: TrainingData): Promise<OfferedData> {
  const about = {
    name,
    campaigns: campaigns === 'any' ? campaigns : [...campaigns],
    masks: true,
    abilities: [...CAMPAIGN_ABILITIES],
  }
  const facts = await describeDataSet(folder).catch((error: unknown) => ({
    ok: false as const,
    message: error instanceof Error ? error.message : String(error),
  }))
  if (facts.ok && facts.value.classes <= CLASSES_MAX) return { ...about, ...facts.value }
  const problem = facts.ok ? `a label is over ${CLASSES_MAX}` : facts.message
  return { ...about, rows: 0, type: 'float32', shape: [], classes: 0, problem: problem.slice(0, 500) }
}
