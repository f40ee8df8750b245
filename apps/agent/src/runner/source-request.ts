/** Source request: what control asks of the sources in the runner, and how it is answered. */
import type { TagContent } from '@skerry/contract/tag'
import { assertNever } from '@skerry/core/assert-never'
import type { RunnerAnswer } from './runner-message.ts'
import type { SourceBoard } from './source-board.ts'
import type { SourceFleet, SourceOrder } from './source-fleet.ts'
import { testSource } from './source-test.ts'

export type SourceRequest =
  /** There are just these from now on. */
  | { kind: 'sources'; order: SourceOrder }
  /** The newest values of these tags; of all, or all of a group, where none are named. */
  | { kind: 'tags'; source: string; tags: readonly string[] | undefined; group: string | undefined }
  | { kind: 'write-tag'; source: string; tag: string; value: TagContent }
  | { kind: 'browse'; source: string; path: string }
  /** Runs what is in the text for a moment, beside the others. */
  | {
      kind: 'test-source'
      spec: string
      secrets: Readonly<Record<string, string>>
      stateFolder: string
      waitMs: number
    }
  | { kind: 'restart-source'; source: string }

export type Sources = { fleet: SourceFleet; board: SourceBoard }

/** Does one. */
export async function obeySources(
  request: SourceRequest,
  { fleet, board }: Sources,
  signal: AbortSignal,
): Promise<RunnerAnswer> {
  switch (request.kind) {
    case 'sources':
      await fleet.become(request.order)
      return { ok: true }
    case 'tags':
      if (!fleet.source(request.source)) return unknown(request.source)
      return { ok: true, said: board.values(request.source, request) }
    case 'write-tag':
      return writeTag(request, { fleet, board })
    case 'browse': {
      const answer = await fleet.browse(request.source, request.path)
      if (!answer) return unknown(request.source)
      return answer.ok ? { ok: true, said: answer.entries } : answer
    }
    case 'test-source':
      return testSource(request, signal)
    case 'restart-source':
      return (await fleet.restart(request.source)) ? { ok: true } : unknown(request.source)
    default:
      return assertNever(request)
  }
}

const unknown = (source: string): RunnerAnswer => ({
  ...{ ok: false, code: 'source_unknown', message: `the device runs no source ${source}` },
})

/** Says what the tag was before, as far as it is known. */
async function writeTag(
  { source, tag, value }: Extract<SourceRequest, { kind: 'write-tag' }>,
  { fleet, board }: Sources,
): Promise<RunnerAnswer> {
  const before = board.newest(source, tag)
  const outcome = await fleet.write(source, { tag, value })
  if (!outcome) return unknown(source)
  return outcome.ok ? { ok: true, said: before ?? null } : outcome
}
