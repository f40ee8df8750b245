/** Weight patterns: which weights of a model a declaration means. A star at the end of a pattern stands for any end. */

const isMatch = (pattern: string, name: string) =>
  pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : name === pattern

/** The names that at least one pattern matches, in their order. */
export const weightsMatching = (patterns: readonly string[], names: readonly string[]): string[] =>
  names.filter((name) => patterns.some((pattern) => isMatch(pattern, name)))

/** The first pattern that matches no name; undefined if each matches one. */
export const unmatchedPattern = (patterns: readonly string[], names: readonly string[]): string | undefined =>
  patterns.find((pattern) => !names.some((name) => isMatch(pattern, name)))
