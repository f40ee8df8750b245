/** Certify behaviour: the results of level 2 for a listing, whose files lie in a folder or in a catalogue. */
import { createWriteStream } from 'node:fs'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Digest } from '@skerry/contract/values/digest'
import { checkBehaviour, type Rehearsed } from '@skerry/core/market/checks/check-behaviour'
import { type CheckedListing, type CheckResult, draftWithSamples } from '@skerry/core/market/checks/check-listing'
import { type PlannedModel, planRehearsal, type RehearsalPlan } from '@skerry/core/market/checks/rehearsal-plan'
import { rehearse } from './rehearse.ts'

export type RunListing = CheckedListing & { contentOf: (digest: Digest) => AsyncIterable<Uint8Array> }

/** Level 1 must have passed: a changed file is never run. */
export async function behaviourOf(listed: RunListing, signal: AbortSignal): Promise<CheckResult[]> {
  const { listing, files } = listed
  const draft = draftWithSamples(listed)
  if (!draft.ok) throw new Error(`a listing that passed level 1 has no draft: ${draft.message}`)
  const planned = planRehearsal(listing, draft, (digest) => files.get(digest)?.document)
  const runs = planned.ok ? await rehearsed(planned.plan, listed, signal) : { first: planned, second: planned }
  return checkBehaviour({ listing, draft, ...runs })
}

async function rehearsed(
  { seconds, flows, sources, models }: RehearsalPlan,
  { listing: { needs }, contentOf }: RunListing,
  signal: AbortSignal,
): Promise<{ first: Rehearsed; second: Rehearsed }> {
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
