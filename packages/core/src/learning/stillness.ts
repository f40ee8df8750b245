/** Stillness: the tags that have had one value in all rows so far. A person can make them move, or stop the learning. */

/** In fewer rows, a slow tag may not have moved yet. */
const ROWS_MIN = 30

/** More names hide the advice. */
const TAGS_SHOWN = 3

export type Stillness = {
  /** A row of the tags, in their order. A missing value is NaN. */
  add(values: ArrayLike<number>): void
  /** Undefined while each tag moves, or while too few rows have come. */
  warning(): string | undefined
}

export function createStillness(tags: readonly string[]): Stillness {
  const still = new Map(tags.map((tag, at) => [tag, { at, value: Number.NaN, rows: 0 }]))
  return {
    add(values) {
      for (const [tag, state] of still) {
        const value = values[state.at] ?? Number.NaN
        if (!Number.isFinite(value)) continue
        if (state.rows > 0 && value !== state.value) still.delete(tag)
        state.value = value
        state.rows += 1
      }
    },
    warning() {
      const found = [...still].filter(([, { rows }]) => rows >= ROWS_MIN)
      if (found.length === 0) return undefined
      const names = found.slice(0, TAGS_SHOWN).map(([tag, { value }]) => `${tag} (${value})`)
      const more = found.length > names.length ? ` and ${found.length - names.length} more` : ''
      return `one value so far: ${names.join(', ')}${more}. A tag that does not move until the end is left out`
    },
  }
}
