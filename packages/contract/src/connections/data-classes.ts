/**
 * Data classes of a connection: how sensitive the values of a source are, or which values a sink may take. A tag
 * without a class of its own has the class of its source. Without both, nobody has classified it.
 */
import * as z from 'zod'
import { Clearance } from '../values/clearance.ts'
import type { ConnectionSpec } from './connection.ts'

/** Tags with classes of their own that are told apart. More of them count as the most sensitive one each. */
const TAGS_APART_MAX = 1_000

export type DataClasses = {
  /** Of tags without a class of their own; the highest class of a sink. */
  all?: Clearance
  tags?: Readonly<Record<string, Clearance>>
}

const Classed = z.object({ dataClass: Clearance.optional() })
const ClassedTag = z.object({ ...Classed.shape, name: z.string() })
const ClassedSpec = z.object({
  ...Classed.shape,
  groups: z.array(z.object({ tags: z.array(ClassedTag) })).optional(),
})

/** Undefined if nothing of it has a class. The spec must have been checked before. */
export function dataClassesOf(spec: ConnectionSpec): DataClasses | undefined {
  const { data } = ClassedSpec.safeParse(spec)
  if (!data) return undefined
  const { dataClass: all, groups = [] } = data
  const own = groups
    .flatMap(({ tags }) => tags)
    .flatMap(({ name, dataClass }) => (dataClass === undefined ? [] : [[name, dataClass] as const]))
  if (own.length > TAGS_APART_MAX) return { all: highestClass([all, ...own.map(([, one]) => one)]) ?? 'restricted' }
  if (all === undefined && own.length === 0) return undefined
  return { ...(all !== undefined && { all }), ...(own.length > 0 && { tags: Object.fromEntries(own) }) }
}

/** The most sensitive of these classes; undefined if there is none. */
export const highestClass = (classes: readonly (Clearance | undefined)[]): Clearance | undefined =>
  Clearance.options.findLast((one) => classes.includes(one))
