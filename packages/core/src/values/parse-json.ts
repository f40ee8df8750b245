/** Parses JSON of somebody else. The result is undefined if the text is no JSON; a schema judges the rest. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
