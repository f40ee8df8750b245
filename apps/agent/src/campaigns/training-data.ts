/**
 * Training data: the folders, recordings and captured rows that the owner of this device offers to campaigns, by the agent's
 * option. Without the option the device takes part in nothing.
 */
import type { LeftOutRows } from '@skerry/contract/captures/left-out-rows'
import { CAMPAIGN_ABILITIES, type DataSource, type OfferedData } from '@skerry/contract/held/campaigns'
import type { DataSetFacts } from '@skerry/inference/train/data-set'
import { describeRows, type RowSource, type StoredRows } from '@skerry/inference/train/row-source'
import type { LabelledRows } from '../captures/labelled-rows.ts'
import { recordingPaths } from '../learning/recordings.ts'
import type { OfferedRows, TrainingData } from './training-options.ts'

/** The places of rows: recordings are in the data folder of the agent, captured rows in their store. */
export type TrainingGround = { data: string; captured: LabelledRows }

/** [contract, CampaignData] A hub declares fewer. */
const CLASSES_MAX = 10_000

/** Rows that are there, with the facts about them. */
type FoundRows = { ok: true; facts: DataSetFacts; source: RowSource; leftOut?: LeftOutRows }

type NoRows = { ok: false; message: string; leftOut?: LeftOutRows | undefined }

/** The rows of a data set now, or the reason why it has none. Its facts and its rows are of one moment. */
export async function findRows(
  { rows }: Pick<TrainingData, 'rows'>,
  ground: TrainingGround,
): Promise<FoundRows | NoRows> {
  try {
    const found = 'model' in rows ? await capturedRows(rows, ground) : await storedRows(storedSource(rows, ground))
    if (found.ok && found.facts.classes > CLASSES_MAX) return { ok: false, message: `a label is over ${CLASSES_MAX}` }
    return found
  } catch (error) {
    return { ok: false, message: error instanceof Error ? error.message : String(error) }
  }
}

function storedSource(rows: Exclude<OfferedRows, { model: string }>, { data }: TrainingGround): StoredRows {
  if ('folder' in rows) return rows
  const { recording: name, ...columns } = rows
  return { recording: { name, ...columns, ...recordingPaths(data, name) } }
}

async function storedRows(source: StoredRows): Promise<FoundRows | NoRows> {
  const facts = await describeRows(source)
  return facts.ok ? { ok: true, facts: facts.value, source } : facts
}

async function capturedRows(
  rows: Extract<OfferedRows, { model: string }>,
  { captured }: TrainingGround,
): Promise<FoundRows | NoRows> {
  const found = await captured.describe(rows)
  if (!found.ok) return found
  const { leftOut, ...handed } = found.value
  return { ok: true, facts: handed.facts, source: { handed }, leftOut }
}

/** The facts of each data set, or the reason why it cannot be read. */
export async function describeTrainingData(
  sets: readonly TrainingData[],
  ground: TrainingGround,
): Promise<OfferedData[]> {
  const offered: OfferedData[] = []
  for (const set of sets) offered.push(offeredOf(set, await findRows(set, ground)))
  return offered
}

/** The offer, as the hub sees it. */
export function offeredOf({ name, campaigns, rows }: TrainingData, found: FoundRows | NoRows): OfferedData {
  const about = {
    name,
    campaigns: campaigns === 'any' ? campaigns : [...campaigns],
    masks: true,
    abilities: [...CAMPAIGN_ABILITIES],
    source: sourceOf(rows),
    ...(found.leftOut && { leftOut: found.leftOut }),
  }
  if (found.ok) return { ...about, ...found.facts }
  return { ...about, rows: 0, type: 'float32', shape: [], classes: 0, problem: found.message.slice(0, 500) }
}

function sourceOf(rows: OfferedRows): DataSource {
  if ('model' in rows) return 'captures'
  return 'folder' in rows ? 'folder' : 'recording'
}
