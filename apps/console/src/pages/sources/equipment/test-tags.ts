/**
 * Test tags: the tags of a source that a test read requests. These are all tags, or those of a group and of some words,
 * up to the limit of one answer.
 */
import { TAGS_READ_MAX } from '@skerry/contract/devices/device-command'
import { holdsWords } from '@skerry/core/language/row-language'
import type { TagRow } from '@skerry/core/tags/tag-rows'

/** If `group` is empty or no longer exists, it means all groups. */
export type TagChoice = { group: string; words: string }

export type TestTags = {
  fittingCount: number
  /** Undefined means all: the device takes the first tags up to its limit, and counts the others. */
  names: readonly string[] | undefined
  /** The number of matching tags beyond the limit. */
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

/** The rows of the requested tags. */
export function triedRows(rows: readonly TagRow[], names: readonly string[] | undefined): readonly TagRow[] {
  if (names === undefined) return rows.slice(0, TAGS_READ_MAX)
  const asked = new Set(names)
  return rows.filter(({ name }) => asked.has(name))
}
