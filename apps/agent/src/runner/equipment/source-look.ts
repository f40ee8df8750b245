/** Source look: a source of the runner as a person sees it who watches: its connection, its groups, and the newest value of each tag. */
import type { SourceState } from '@skerry/connectors/sources/source-state'
import { type LookSubject, TAGS_READ_MAX } from '@skerry/contract/devices/device-command'
import type { Look } from '@skerry/contract/hub/look'
import { shortCause } from '@skerry/contract/hub/queue-look'
import {
  type GroupLook,
  type SourceLook,
  TAG_ITEMS_SHOWN_MAX,
  TAG_TEXT_SHOWN_MAX,
  type TagLook,
} from '@skerry/contract/sources/source-look'
import type { TagContent, TagValue } from '@skerry/contract/sources/tag'
import type { RunnerAnswer } from '../runner-message.ts'
import { type Sources, unknownSource, unknownTag } from './source-request.ts'

export function lookAtSource(
  { name, tags }: Extract<LookSubject, { kind: 'source' }>,
  { fleet, board }: Sources,
  nowMs: number,
): RunnerAnswer {
  const running = fleet.look(name)
  if (!running) return unknownSource(name)
  const { source, state, groups: figures, ...connection } = running
  const places = new Map(source.groups.flatMap((group) => group.tags.map((tag) => [tag.name, { group, tag }])))
  const missing = tags?.find((tag) => !places.has(tag))
  if (missing !== undefined) return unknownTag(name, missing)
  const wanted = tags ?? [...places.keys()]
  const looks = wanted.slice(0, TAGS_READ_MAX).flatMap((wish): TagLook[] => {
    const place = places.get(wish)
    if (!place) return []
    const { told, bad, value } = board.standing(name, wish)
    const { unit } = place.tag
    const head = { name: wish, group: place.group.name, ...(unit !== undefined && { unit }), told, bad }
    return [value ? { ...head, ...shortened(value) } : head]
  })
  const groups = source.groups.map((group): GroupLook => {
    const counts = figures.find((each) => each.group === group.name)
    return {
      name: group.name,
      everyMs: group.everyMs,
      tags: group.tags.length,
      ...board.qualities(name, group.name),
      rounds: counts?.rounds ?? 0,
      overruns: counts?.skipped ?? 0,
      lastRoundMs: counts?.lastMs ?? 0,
      told: counts?.told ?? 0,
      untold: counts?.untold ?? 0,
    }
  })
  const { sinceMs, ...counted } = connection
  const said: Look = {
    kind: 'source',
    name,
    protocol: source.protocol,
    atMs: Math.floor(nowMs),
    ...stateOf(state),
    sinceMs,
    connection: counted,
    groups,
    tags: looks,
    omittedCount: wanted.length - looks.length,
  }
  return { ok: true, said }
}

const stateOf = (state: SourceState): Pick<SourceLook, 'state' | 'cause'> => ({
  state: state.kind,
  ...('cause' in state && { cause: shortCause(state.cause) }),
})

function shortened(value: TagValue): { value: TagValue; omitted?: number } {
  if (value.quality === 'bad') return { value }
  const shown = shownOf(value.value)
  if (shown === value.value) return { value }
  return { value: { ...value, value: shown }, omitted: lengthOf(value.value) - lengthOf(shown) }
}

function shownOf(content: TagContent): TagContent {
  if (typeof content === 'string' && content.length > TAG_TEXT_SHOWN_MAX) return content.slice(0, TAG_TEXT_SHOWN_MAX)
  if (Array.isArray(content) && content.length > TAG_ITEMS_SHOWN_MAX) return content.slice(0, TAG_ITEMS_SHOWN_MAX)
  return content
}

const lengthOf = (content: TagContent) => (typeof content === 'string' || Array.isArray(content) ? content.length : 1)
