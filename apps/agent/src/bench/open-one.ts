/** Open one: one candidate of a measurement, from the files on the disk. */
import type { Candidate, SessionSettings } from '@skerry/contract/builds/measurement'
import { GOLDEN_PATH } from '@skerry/contract/devices/golden'
import { type OpenedCandidate, openCandidate } from '@skerry/inference/bench/candidate'
import { needsOwnFiles } from '@skerry/inference/runtime/hard-links'
import type { ModelSource } from '@skerry/inference/runtime/model-source'
import type { BenchDeps } from './bench-model.ts'

type Sized = Candidate & { sizeBytes: number }

export const sized = (candidate: Candidate): Sized => ({
  ...candidate,
  sizeBytes: candidate.files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
})

type Opening = { wanted: Candidate | undefined; session?: SessionSettings }

/** Loads the candidate in a process of its own, and checks its answers. Rejects only when the signal fires. */
export async function openOne(
  { files, blobs }: Pick<BenchDeps, 'files' | 'blobs'>,
  { wanted, session }: Opening,
  signal: AbortSignal,
): Promise<OpenedCandidate> {
  const golden = wanted?.files.find(({ path }) => path === GOLDEN_PATH)
  if (!wanted || !golden) return { ok: false, problem: { code: 'failed', message: 'it has no golden cases' } }
  let opened: OpenedCandidate | undefined
  const open = async (source: ModelSource) => {
    const file = { name: GOLDEN_PATH, ...(await blobs.fileOf(golden.digest)) }
    const order = { source, golden: file, ...(session && { session }) }
    opened = await openCandidate(order, signal)
    return opened.ok ? { ok: true as const } : { ok: false as const, ...opened.problem }
  }
  const answer = await files.withModel(wanted, open)
  const last = needsOwnFiles(answer) ? await files.withOwnFiles(wanted, open) : answer
  if (opened) return opened
  return { ok: false, problem: { code: 'failed', message: last.ok ? '' : last.message } }
}
