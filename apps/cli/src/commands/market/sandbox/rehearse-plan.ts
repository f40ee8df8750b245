/** Rehearse plan: lays the models of a listing into a folder, and runs its flows and models. */
import { createWriteStream } from 'node:fs'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Rehearsed } from '@skerry/core/market/checks/check-behaviour'
import type { PlannedModel, RehearsalPlan } from '@skerry/core/market/checks/rehearsal-plan'
import type { RunListing } from './certify-behaviour.ts'
import { rehearse } from './rehearse.ts'

/** A listing of apps only has nothing to run in processes of this program. */
const NOTHING: Rehearsed = {
  ok: true,
  rehearsal: {
    samples: 0,
    sinks: [],
    digest: '',
    read: [],
    written: [],
    models: [],
    memoryBytes: 0,
    processorSeconds: 0,
    attempts: 0,
  },
}

/** The runs of the flows and models of a plan. */
export async function rehearsePlan(
  { seconds, flows, sources, models }: Omit<RehearsalPlan, 'apps'>,
  { listing: { needs }, contentOf }: Pick<RunListing, 'listing' | 'contentOf'>,
  signal: AbortSignal,
): Promise<{ first: Rehearsed; second: Rehearsed }> {
  if (flows.length + models.length === 0) return { first: NOTHING, second: NOTHING }
  const folder = await mkdtemp(join(tmpdir(), 'skerry-listing-'))
  try {
    const placed = []
    for (const model of models) placed.push(await placeModel(model, join(folder, model.item), { contentOf, signal }))
    return await rehearse(
      { order: { seconds, flows, sources, models: placed }, memoryBytes: needs.memoryBytes },
      signal,
    )
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** The files of a model as the runtime opens them. Their paths are plain and relative by their schema. */
async function placeModel(
  { item, name, files, golden }: PlannedModel,
  folder: string,
  { contentOf, signal }: Pick<RunListing, 'contentOf'> & { signal: AbortSignal },
) {
  for (const { path, digest } of files) {
    await mkdir(dirname(join(folder, path)), { recursive: true })
    await pipeline(Readable.from(contentOf(digest)), createWriteStream(join(folder, path)), { signal })
  }
  return { item, name, path: join(folder, files[0]?.path ?? ''), golden }
}
