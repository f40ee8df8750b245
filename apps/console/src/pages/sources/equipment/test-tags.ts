/** Test tags: which tags of a source a test read asks for: all, or those of a group and of some words, as many as one answer takes. */
import { TAGS_READ_MAX } from '@skerry/contract/devices/device-command'
import { holdsWords } from '@skerry/core/language/row-language'
import type { TagRow } from '@skerry/core/tags/tag-rows'

/** Of every group where it is empty, or of one that is there no more. */
export type TagChoice = { group: string; words: string }

export type TestTags = {
  fittingCount: number
  /** Undefined for all: the device takes the first of them, and counts the others. */
  names: readonly string[] | undefined
  /** Those that fit and are not asked for. */
  leftCount: number
}

export const groupsIn = (rows: readonly TagRow[]): readonly string[] => [...new Set(rows.map(({ group }) => group))]

export function testTags(rows: readonly TagRow[], { group, words }: TagChoice): TestTags {
  const isOfAll = !rows.some((row) => row.group === group)
  const fitting = rows.filter(
    ({ name, where, unit, group: own }) =>
      (isOfAll || own === group) && holdsWords(`${name} ${own} ${where} ${unit ?? ''}`, words.trim()),
  )
  if (fitting.length === rows.length) return { fittingCount: rows.length, names: undefined, leftCount: 0 }
  return {
    fittingCount: fitting.length,
    names: fitting.slice(0, TAGS_READ_MAX).map(({ name }) => name),
    leftCount: Math.max(0, fitting.length - TAGS_READ_MAX),
  }
}

/** The rows of what was asked for. */
export function triedRows(rows: readonly TagRow[], names: readonly string[] | undefined): readonly TagRow[] {
  if (names === undefined) return rows.slice(0, TAGS_READ_MAX)
  const asked = new Set(names)
  return rows.filter(({ name }) => asked.has(name))
}
