/**
 * Training data: the folders and recordings that the owner of this device offers to campaigns, by the agent's option.
 * Without the option the device takes part in nothing.
 */
import { CAMPAIGN_ABILITIES, type OfferedData } from '@skerry/contract/held/campaigns'
import { describeRows, type RowSource } from '@skerry/inference/train/row-source'
import { recordingPaths } from '../learning/recordings.ts'
import type { TrainingData } from './training-options.ts'

/** [contract, CampaignData] A hub declares fewer. */
const CLASSES_MAX = 10_000

/** The place of the rows. Recordings are in the data folder of the agent. */
export function rowSourceOf({ rows }: TrainingData, data: string): RowSource {
  if ('folder' in rows) return rows
  const { recording: name, ...columns } = rows
  return { recording: { name, ...columns, ...recordingPaths(data, name) } }
}

/** The facts of each data set, or the reason why it cannot be read. */
export async function describeTrainingData(sets: readonly TrainingData[], data: string): Promise<OfferedData[]> {
  const offered: OfferedData[] = []
  for (const set of sets) offered.push(await describeOne(set, data))
  return offered
}

async function describeOne(set: TrainingData, data: string): Promise<OfferedData> {
  const { name, campaigns } = set
  const about = {
    name,
    campaigns: campaigns === 'any' ? campaigns : [...campaigns],
    masks: true,
    abilities: [...CAMPAIGN_ABILITIES],
  }
  const facts = await describeRows(rowSourceOf(set, data)).catch((error: unknown) => ({
    ok: false as const,
    message: error instanceof Error ? error.message : String(error),
  }))
  if (facts.ok && facts.value.classes <= CLASSES_MAX) return { ...about, ...facts.value }
  const problem = facts.ok ? `a label is over ${CLASSES_MAX}` : facts.message
  return { ...about, rows: 0, type: 'float32', shape: [], classes: 0, problem: problem.slice(0, 500) }
}
