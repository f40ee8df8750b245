/**
 * Data class: how the classes of tags propagate through flows, and whether a place may handle them. A signal has the
 * highest class of the inputs that it is made of. The hub judges with it before a rollout, and each device again.
 */
import { type DataClasses, highestClass } from '@skerry/contract/connections/data-classes'
import type { Flow } from '@skerry/contract/flows/flow'
import { signalsOf } from '@skerry/contract/flows/flow-step'
import { Clearance } from '@skerry/contract/values/clearance'
import { isWithin } from './residency.ts'

type Reading = { source: string; tag: string }

/** The way of data through a flow. */
export type FlowData = {
  flow: string
  /** The class that the flow states for all of its results. */
  dataClass?: Clearance
  reads: readonly Reading[]
  /** The sinks of places to which it sends values, with the inputs of these values. */
  leaves: readonly { sink: string; reads: readonly Reading[] }[]
}

/** A place runs flows. It has a clearance, and its equipment has classes. */
export type DataPlace = {
  /** The site, or the device itself, with words for people such as `the site lyon`. Absent if it is unknown. */
  limit?: { clearance: Clearance; words: string }
  /** The country of the site, and the one that the device states, with the same words. Empty if both are unknown. */
  countries?: readonly { country: string; words: string }[]
  sources: ReadonlyMap<string, DataClasses>
  sinks: ReadonlyMap<string, DataClasses>
}

type Limited = Pick<DataPlace, 'limit'>

export const DATA_CLASS_VIOLATED = 'data_class_violated'

export const RESIDENCY_VIOLATED = 'residency_violated'

export type DataViolation = { code: typeof DATA_CLASS_VIOLATED | typeof RESIDENCY_VIOLATED; message: string }

/** Whether a site with this clearance may handle data of the class. */
export const isCleared = (clearance: Clearance, dataClass: Clearance): boolean =>
  Clearance.options.indexOf(clearance) >= Clearance.options.indexOf(dataClass)

/** Follows each input through the steps to the sinks. */
export function flowData({ name, dataClass, inputs, steps, sinks }: Flow): FlowData {
  const madeOf = new Map(inputs.map((input) => [input.name, new Set([input.name])]))
  for (const step of steps) {
    const parts = signalsOf(step).flatMap((signal) => [...(madeOf.get(signal) ?? [])])
    madeOf.set(step.name, new Set(parts))
  }
  const reads = new Map(inputs.map((input) => [input.name, { source: input.source, tag: input.tag }]))
  return {
    flow: name,
    ...(dataClass !== undefined && { dataClass }),
    reads: [...reads.values()],
    leaves: sinks.flatMap((sink) =>
      sink.kind === 'sink'
        ? [{ sink: sink.sink, reads: [...(madeOf.get(sink.from) ?? [])].flatMap((input) => reads.get(input) ?? []) }]
        : [],
    ),
  }
}

/** A class, and its origin in words. */
type Origin = { dataClass: Clearance; words: string }

/** The rule that the flow would break at the place; undefined if it breaks none. */
export function flowViolation(data: FlowData, place: DataPlace): DataViolation | undefined {
  const { limit, sinks } = place
  const highest = highestOf(data, data.reads, place)
  if (limit && highest && !isCleared(limit.clearance, highest.dataClass)) return limitViolation(highest, limit)
  for (const { sink, reads } of data.leaves) {
    const takes = sinks.get(sink)?.all
    const sent = highestOf(data, reads, place)
    if (takes === undefined || !sent || isCleared(takes, sent.dataClass)) continue
    return violation(`${sent.words} of the class ${sent.dataClass}, and the sink ${sink} takes ${takes} at most`)
  }
  return undefined
}

/** The rule that a source would break at the place. */
export function sourceViolation(name: string, classes: DataClasses, { limit }: Limited): DataViolation | undefined {
  const dataClass = highestClass([classes.all, ...Object.values(classes.tags ?? {})])
  if (!limit || dataClass === undefined || isCleared(limit.clearance, dataClass)) return undefined
  return limitViolation({ dataClass, words: `the source ${name} has values` }, limit)
}

/** The rule that a deployment with this class would break at the place. */
export function classViolation(dataClass: Clearance | undefined, { limit }: Limited): DataViolation | undefined {
  if (!limit || dataClass === undefined || isCleared(limit.clearance, dataClass)) return undefined
  return limitViolation({ dataClass, words: 'the deployment is for data' }, limit)
}

/**
 * The rule that a deployment whose data stays in these countries would break at the place. Each stated country counts, so
 * that neither a mistake of the hub nor one of the device carries data over a border.
 */
export function residencyViolation(
  residency: readonly string[] | undefined,
  { countries = [] }: Pick<DataPlace, 'countries'>,
): DataViolation | undefined {
  const abroad = residency && countries.find(({ country }) => !isWithin(country, residency))
  if (!abroad) return undefined
  const message = `the data of the deployment stays in ${residency.join(', ')}, and ${abroad.words} is in ${abroad.country}`
  return { code: RESIDENCY_VIOLATED, message: message.slice(0, 1_000) }
}

/** The lower of two limits; a missing one limits nothing. */
export function lowerLimit(one: DataPlace['limit'], other: DataPlace['limit']): DataPlace['limit'] {
  if (!one || !other) return one ?? other
  return isCleared(other.clearance, one.clearance) ? one : other
}

const limitViolation = ({ dataClass, words }: Origin, { clearance, words: where }: NonNullable<DataPlace['limit']>) =>
  violation(`${words} of the class ${dataClass}, and ${where} has the clearance ${clearance}`)

const violation = (message: string): DataViolation => ({ code: DATA_CLASS_VIOLATED, message: message.slice(0, 1_000) })

function highestOf(
  { flow, dataClass }: FlowData,
  reads: readonly Reading[],
  { sources }: DataPlace,
): Origin | undefined {
  const stated = dataClass === undefined ? [] : [{ dataClass, words: `the flow ${flow} states data` }]
  const read = reads.flatMap(({ source, tag }) => {
    const own = classOfTag(sources.get(source), tag)
    return own === undefined ? [] : [{ dataClass: own, words: `the flow ${flow} reads the tag ${source}/${tag}` }]
  })
  const all = [...stated, ...read]
  const highest = highestClass(all.map((one) => one.dataClass))
  return all.find((one) => one.dataClass === highest)
}

function classOfTag(classes: DataClasses | undefined, tag: string): Clearance | undefined {
  const { all, tags = {} } = classes ?? {}
  return Object.hasOwn(tags, tag) ? tags[tag] : all
}
