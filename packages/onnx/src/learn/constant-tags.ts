/** Constant tags: tags with one value in all rows teach nothing. The detector leaves them out, and a finding says so. */
import type { LearningFinding } from '@skerry/contract/learning/learning'
import { columnOf, pickTags, type TagRows } from './windows.ts'

export type Moving = { rows: TagRows; normal?: TagRows; leftOut: LearningFinding[] }

type Collected = { rows: TagRows; normal?: TagRows }

/** The rows without the constant tags. All tags stay if none moves, because the check of the rows explains that. */
export function leaveConstantOut({ rows, normal }: Collected, accept: readonly string[]): Moving {
  const constant = rows.tags.flatMap((tag, at) => {
    const value = onlyValue(rows, at)
    const isSame = value !== undefined && (!normal || [undefined, value].includes(onlyValueOrMany(normal, at)))
    return isSame ? [{ tag, value }] : []
  })
  if (constant.length === 0 || constant.length === rows.tags.length || accept.includes('constant_tag'))
    return { rows, ...(normal && { normal }), leftOut: [] }
  const names = new Set(constant.map(({ tag }) => tag))
  const kept = rows.tags.filter((tag) => !names.has(tag))
  return {
    rows: pickTags(rows, kept),
    ...(normal && { normal: pickTags(normal, kept) }),
    leftOut: constant.map(({ tag, value }) => ({
      code: 'constant_tag',
      tag,
      message: `${tag} had one value all the time: ${value}; the detector leaves it out`,
      advice: 'learn again while the tag moves, or keep it with --accept constant_tag',
    })),
  }
}

/** Undefined with fewer than two good values, or with different ones. */
function onlyValue(rows: TagRows, at: number): number | undefined {
  const value = onlyValueOrMany(rows, at)
  return Number.isNaN(value) ? undefined : value
}

/** NaN with different values, and undefined with fewer than two good ones. */
function onlyValueOrMany(rows: TagRows, at: number): number | undefined {
  const values = columnOf(rows, at).filter(Number.isFinite)
  if (values.length < 2) return undefined
  return values.every((value) => value === values[0]) ? values[0] : Number.NaN
}
