/** Label file: labels that became known later, as CSV or JSON lines. It trusts nothing in the file. */
import { GivenLabel } from '@skerry/contract/captures/capture'
import { fail } from '../../program/failure.ts'
import { readText } from '../../program/input-file.ts'

/** Reads a file; the message of a problem names the line. */
export async function readLabels(path: string): Promise<GivenLabel[]> {
  const text = await readText(path)
  const found = text.trimStart().startsWith('{') ? jsonLabels(path, text) : csvLabels(path, text)
  if (found.length === 0) throw fail('file_invalid', `${path} has no labels`)
  return found
}

function jsonLabels(path: string, text: string): GivenLabel[] {
  return text.split('\n').flatMap((line, index) => {
    if (line.trim() === '') return []
    let value: unknown
    try {
      value = JSON.parse(line)
    } catch {
      throw fail('file_invalid', `line ${index + 1} of ${path} is not JSON`)
    }
    return labelOf(path, index + 1, Object(value))
  })
}

function csvLabels(path: string, text: string): GivenLabel[] {
  const [head = '', ...lines] = text.replace(/^\uFEFF/, '').split(/\r?\n/)
  const names = cellsOf(head).map((name) => name.trim().toLowerCase())
  if (!names.includes('request') || !names.includes('label'))
    throw fail('file_invalid', `the first line of ${path} must name the columns request and label`)
  return lines.flatMap((line, index) => {
    if (line.trim() === '') return []
    const cells = cellsOf(line)
    return labelOf(path, index + 2, Object.fromEntries(names.map((name, at) => [name, cells[at] || undefined])))
  })
}

/** [RFC 4180] A cell in quotes has doubled quotes. A label never has a line break. */
function cellsOf(line: string): string[] {
  const cells = line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)
  return [...cells].map(([, quoted, plain = '']) => (quoted === undefined ? plain : quoted.replaceAll('""', '"')))
}

function labelOf(path: string, line: number, given: Record<string, unknown>): GivenLabel {
  const { request, label, predicted, version, time, atMs = time } = given
  const read = GivenLabel.safeParse({
    request: textOf(request),
    label: textOf(label),
    ...(predicted !== undefined && { predicted: textOf(predicted) }),
    ...(version !== undefined && { version: Number(version) }),
    ...(atMs !== undefined && { atMs: instantOf(atMs) }),
  })
  if (read.success) return read.data
  const [issue] = read.error.issues
  throw fail('file_invalid', `line ${line} of ${path}: ${issue?.path.join('.')} ${issue?.message}`)
}

const textOf = (value: unknown) => (typeof value === 'number' || typeof value === 'boolean' ? String(value) : value)

/** Milliseconds since 1970, or as ISO 8601. */
const instantOf = (value: unknown) => (/^\d+$/.test(String(value)) ? Number(value) : Date.parse(String(value)))
