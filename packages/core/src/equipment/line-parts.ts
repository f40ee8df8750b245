/** Line parts: the names that a pattern for lines of text gives to its parts. */
const NAMED_PART = /\(\?<([A-Za-z_][A-Za-z0-9_]*)>/g

export const partsOf = (pattern: string): string[] => [...pattern.matchAll(NAMED_PART)].map(([, name = '']) => name)
