/** Log line: a line that a program of Skerry writes to its log, as JSON. */

export type LogLine = { event: string; name: string; level: string; pid: number } & Record<string, unknown>

/** Undefined for words for people, and for a line that a kill cut in the middle. */
export function parseLogLine(text: string): LogLine | undefined {
  try {
    const line = JSON.parse(text)
    return typeof line?.event === 'string' ? line : undefined
  } catch {
    return undefined
  }
}
