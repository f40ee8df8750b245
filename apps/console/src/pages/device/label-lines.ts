/** Label lines: labels as people write them, `key=value`, one a line. */
import { Labels } from '@skerry/contract/values/names'

/** The text of the labels, sorted. */
export const labelLines = (labels: Labels): string =>
  Object.entries(labels)
    .sort(([a], [b]) => a.localeCompare(b))
    .map(([key, value]) => `${key}=${value}`)
    .join('\n')

export type ParsedLabels = { ok: true; labels: Labels } | { ok: false; line: string }

/** The labels of the text, or the first line that is none. */
export function parseLabels(text: string): ParsedLabels {
  const labels: Record<string, string> = {}
  for (const line of text.split('\n').map((each) => each.trim())) {
    if (line === '') continue
    const [key = '', ...rest] = line.split('=')
    const one = Labels.safeParse({ [key.trim()]: rest.join('=').trim() })
    if (!one.success || rest.length === 0) return { ok: false, line }
    Object.assign(labels, one.data)
  }
  return { ok: true, labels }
}
