/**
 * Source trial: connects to a source that is not set, reads it once, and forgets it. It runs in a thread of its own,
 * and touches no running source: neither its connection nor its stored data.
 */
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { valuesOf } from '@skerry/connectors/reading'
import { planSource } from '@skerry/connectors/sources/connectors'
import { startSource } from '@skerry/connectors/sources/source-host'
import { parseSource } from '@skerry/connectors/sources/source-parsing'
import { besideRunning, partOf, sharesState, tagNamesOf } from '@skerry/connectors/sources/source-part'
import type { SourceState } from '@skerry/connectors/sources/source-state'
import { TAGS_READ_MAX, type TagReading } from '@skerry/contract/devices/device-command'
import { secretsNamedIn } from '@skerry/contract/secrets/secret-reference'
import type { Source } from '@skerry/contract/sources/source'
import type { TagValue } from '@skerry/contract/sources/tag'
import type { Clock } from '@skerry/platform/process/clock'
import type { GateMemory } from '@skerry/platform/process/lease-gate'
import type { RunnerAnswer } from '../runner-message.ts'
import { missingCause, passiveAnswer, pickSecrets } from './connection-file.ts'

/** `text`: the configuration of the source, as JSON. */
export type TrialRequest = { text: string; tags: readonly string[] | undefined; waitMs: number }

export type TrialMeans = {
  secrets: Readonly<Record<string, string>>
  /** The folder for data that sources must not lose. */
  stateFolder: string
}

export type SourceTrials = (request: TrialRequest, means: TrialMeans) => Promise<RunnerAnswer>

/** Each trial is a thread that may take as much memory as a source. Two people at once are many. */
const TRIALS_MAX = 2

/**
 * In milliseconds. If all values are bad, the trial waits: equipment that sends by itself is bad until its first
 * message.
 */
const SETTLE_MS = 2_000

type Deps = { clock: Clock; random: () => number; gate?: GateMemory | undefined }

/** At the start no trial runs. */
export function createSourceTrials(deps: Deps): SourceTrials {
  const places = new Set(Array.from({ length: TRIALS_MAX }, (_, place) => place))
  return async (request, means) => {
    const passive = passiveAnswer(deps.gate)
    if (passive) return passive
    const [place] = places
    if (place === undefined)
      return {
        ok: false,
        code: 'device_busy',
        message: `the device is testing ${TRIALS_MAX} sources already; try again when one is done`,
      }
    places.delete(place)
    try {
      return await tryOut(deps, request, { ...means, ownFolder: join(means.stateFolder, '.trials', String(place)) })
    } finally {
      places.add(place)
    }
  }
}

const refused = (message: string): RunnerAnswer => ({
  ok: false,
  code: 'source_refused',
  message: message.slice(0, 500),
})

type Means = TrialMeans & { ownFolder: string }

async function tryOut(deps: Deps, { text, tags, waitMs }: TrialRequest, means: Means): Promise<RunnerAnswer> {
  const parsed = await parseSource(text)
  if (!parsed.ok) return refused(`this agent cannot run it: ${parsed.message}`)
  const source = parsed.said
  const { problems } = await planSource(source)
  if (problems.length > 0) return refused(problems.map(({ tag, message }) => `${tag}: ${message}`).join('; '))
  const named = secretsNamedIn(source)
  const missing = named.find((name) => means.secrets[name] === undefined)
  if (missing !== undefined) return refused(missingCause(missing).message)
  const known = tagNamesOf(source)
  const unknown = tags?.find((tag) => !known.includes(tag))
  if (unknown !== undefined)
    return { ok: false, code: 'tag_unknown', message: `the source ${source.name} has no tag ${unknown}` }
  const wanted = tags ?? known.slice(0, TAGS_READ_MAX)
  const part = besideRunning(partOf(source, wanted))
  const secrets = pickSecrets(means.secrets, named)
  const stateFolder = sharesState(source) ? join(means.stateFolder, source.name) : means.ownFolder
  // Files of a trial that was ended by force.
  await rm(means.ownFolder, { recursive: true, force: true })
  try {
    const heard = await hear(deps, { source: part, secrets, stateFolder }, waitMs)
    return { ok: true, said: { ...heard, omittedCount: tags ? 0 : known.length - wanted.length } }
  } finally {
    await rm(means.ownFolder, { recursive: true, force: true })
  }
}

type Trial = { source: Source; secrets: Record<string, string>; stateFolder: string }

/** Works until each tag has a good value, or the equipment is known not to answer, or the time is over. */
async function hear({ clock, random }: Deps, { source, ...surroundings }: Trial, waitMs: number) {
  const values = new Map<string, TagValue>()
  const groups = new Map(source.groups.map((group) => [group.name, group]))
  const names = tagNamesOf(source)
  let state: SourceState = { kind: 'connecting' }
  const over = new AbortController()
  const look = () => {
    const isGone = state.kind !== 'connecting' && state.kind !== 'up'
    const isWhole = state.kind === 'up' && values.size === names.length
    if (isGone || (isWhole && [...values.values()].every(({ quality }) => quality !== 'bad'))) return over.abort()
    if (isWhole)
      void clock.sleep(SETTLE_MS, over.signal).then(
        () => over.abort(),
        () => undefined,
      )
  }
  await using _host = startSource(source, {
    clock,
    random,
    ...surroundings,
    onReading(reading) {
      const group = groups.get(reading.group)
      for (const value of group ? valuesOf(reading, group) : []) values.set(value.tag, value)
      look()
    },
    onState(now) {
      if (!over.signal.aborted) state = now
      look()
    },
  })
  await clock.sleep(waitMs, over.signal).catch(() => undefined)
  over.abort()
  return { ...outcomeOf(state), ...toldOf(source, values) }
}

const outcomeOf = (state: SourceState) => ({
  state: state.kind,
  ...('cause' in state && { cause: state.cause }),
})

/** With their units, in the order of the file. */
function toldOf({ groups }: Source, values: ReadonlyMap<string, TagValue>) {
  const tags = groups.flatMap((group): { name: string; unit?: string | undefined }[] => [...group.tags])
  const readings = tags.flatMap(({ name, unit }): TagReading[] => {
    const value = values.get(name)
    return value ? [{ ...(unit !== undefined && { unit }), value }] : []
  })
  return { readings, silentCount: tags.length - readings.length }
}
