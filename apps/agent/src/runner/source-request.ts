/** Source request: what control asks of the sources in the runner, and how it is answered. */
import { TAGS_READ_MAX, type TagReading } from '@skerry/contract/device-command'
import type { TagContent } from '@skerry/contract/tag'
import { assertNever } from '@skerry/core/assert-never'
import type { RunnerAnswer } from './runner-message.ts'
import type { SourceBoard } from './source-board.ts'
import type { SourceFleet, SourceOrder } from './source-fleet.ts'

export type SourceRequest =
  /** There are just these from now on. */
  | { kind: 'sources'; order: SourceOrder }
  /** The newest values of these tags; of all where none are named. */
  | { kind: 'tags'; source: string; tags: readonly string[] | undefined }
  | { kind: 'write-tag'; source: string; tag: string; value: TagContent }

export type Sources = { fleet: SourceFleet; board: SourceBoard }

/** Does one. */
export async function obeySources(request: SourceRequest, { fleet, board }: Sources): Promise<RunnerAnswer> {
  switch (request.kind) {
    case 'sources':
      await fleet.become(request.order)
      return { ok: true }
    case 'tags':
      return readTags(request, { fleet, board })
    case 'write-tag':
      return writeTag(request, { fleet, board })
    default:
      return assertNever(request)
  }
}

const unknown = (source: string): RunnerAnswer => ({
  ...{ ok: false, code: 'source_unknown', message: `the device runs no source ${source}` },
})

/** With their units. Of more than can be told at once, those that come first in the source. */
function readTags(
  { source: name, tags }: Extract<SourceRequest, { kind: 'tags' }>,
  { fleet, board }: Sources,
): RunnerAnswer {
  const source = fleet.source(name)
  if (!source) return unknown(name)
  const units = new Map(source.groups.flatMap((group) => group.tags.map((tag) => [tag.name, tag.unit])))
  const missing = tags?.find((tag) => !units.has(tag))
  if (missing !== undefined)
    return { ok: false, code: 'tag_unknown', message: `the source ${name} has no tag ${missing}` }
  const known = [...(tags ?? units.keys())].flatMap((tag) => board.newest(name, tag) ?? [])
  const readings = known.slice(0, TAGS_READ_MAX).map((value): TagReading => {
    const unit = units.get(value.tag)
    return { ...(unit !== undefined && { unit }), value }
  })
  return { ok: true, said: { readings, omittedCount: known.length - readings.length } }
}

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
