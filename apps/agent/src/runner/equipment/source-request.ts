/** Source request: control's requests to the sources in the runner, and their answers. */
import { TAGS_READ_MAX, type TagReading } from '@skerry/contract/devices/device-command'
import type { TagContent } from '@skerry/contract/sources/tag'
import { assertNever } from '@skerry/core/values/assert-never'
import type { RunnerAnswer } from '../runner-message.ts'
import { levelOf } from './browse-level.ts'
import type { SourceBoard } from './source-board.ts'
import type { SourceFleet, SourceOrder } from './source-fleet.ts'

export type SourceRequest =
  /** From now on, exactly these sources are wanted. */
  | { kind: 'sources'; order: SourceOrder }
  /** The newest values of these tags, or of all if none are named. */
  | { kind: 'tags'; source: string; tags: readonly string[] | undefined }
  | { kind: 'write-tag'; source: string; tag: string; value: TagContent }
  /** One level of the equipment's own tree, after the entry with that path. */
  | { kind: 'browse-source'; source: string; path: string; after: string | undefined }
  /** `text`: the configuration of the source, as JSON. */
  | { kind: 'test-source'; text: string; tags: readonly string[] | undefined; waitMs: number }
  | { kind: 'restart-source'; source: string }

export type Sources = { fleet: SourceFleet; board: SourceBoard }

/** Carries out one source request. */
export async function obeySources(request: SourceRequest, { fleet, board }: Sources): Promise<RunnerAnswer> {
  switch (request.kind) {
    case 'sources':
      await fleet.become(request.order)
      return { ok: true }
    case 'tags':
      return readTags(request, { fleet, board })
    case 'write-tag':
      return writeTag(request, { fleet, board })
    case 'browse-source':
      return browse(request, fleet)
    case 'test-source':
      return fleet.test(request)
    case 'restart-source':
      return (await fleet.restart(request.source)) ?? unknownSource(request.source)
    default:
      return assertNever(request)
  }
}

export const unknownSource = (source: string): RunnerAnswer => ({
  ok: false,
  code: 'source_unknown',
  message: `the device does not run the source ${source}`,
})

export const unknownTag = (source: string, tag: string): RunnerAnswer => ({
  ok: false,
  code: 'tag_unknown',
  message: `the source ${source} has no tag ${tag}`,
})

/** The tags with their units. If there are too many for one answer, the first ones of the source. */
async function readTags(
  { source: name, tags }: Extract<SourceRequest, { kind: 'tags' }>,
  { fleet, board }: Sources,
): Promise<RunnerAnswer> {
  const source = await fleet.settledSource(name)
  if (!source) return unknownSource(name)
  const units = new Map(source.groups.flatMap((group) => group.tags.map((tag) => [tag.name, tag.unit])))
  const missing = tags?.find((tag) => !units.has(tag))
  if (missing !== undefined) return unknownTag(name, missing)
  const known = [...(tags ?? units.keys())].flatMap((tag) => board.newest(name, tag) ?? [])
  const readings = known.slice(0, TAGS_READ_MAX).map((value): TagReading => {
    const unit = units.get(value.tag)
    return { ...(unit !== undefined && { unit }), value }
  })
  return { ok: true, said: { readings, omittedCount: known.length - readings.length } }
}

/** Also returns the previous value of the tag, as far as it is known. */
async function writeTag(
  { source, tag, value }: Extract<SourceRequest, { kind: 'write-tag' }>,
  { fleet, board }: Sources,
): Promise<RunnerAnswer> {
  const before = board.newest(source, tag)
  const outcome = await fleet.write(source, { tag, value })
  if (!outcome) return unknownSource(source)
  return outcome.ok ? { ok: true, said: before ?? null } : outcome
}

async function browse(
  { source, path, after }: Extract<SourceRequest, { kind: 'browse-source' }>,
  fleet: SourceFleet,
): Promise<RunnerAnswer> {
  await fleet.settledSource(source)
  const answer = await fleet.browse(source, path)
  if (!answer) return unknownSource(source)
  if (!answer.ok) return answer
  const level = levelOf(answer.entries, after)
  return level ? { ok: true, said: level } : { ok: false, code: 'browse_failed', message: MOVED }
}

const MOVED = 'the last entry shown no longer exists; list the place from the start'
