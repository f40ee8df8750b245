/** CSV rows: reads comma-separated values with a head line [RFC 4180], as spreadsheets write them. */

/** One row: what stands under each head, with the line that it began in. */
export type CsvRow = { line: number; values: Readonly<Record<string, string>> }

/** Reads them; throws where the text is none, naming the line. Empty lines are passed over. */
export function csvRows(text: string): CsvRow[] {
  const [head, ...rows] = recordsOf(text.replace(/^\ufeff/, '')).filter(({ fields }) =>
    fields.some((field) => field !== ''),
  )
  if (!head) throw new Error('the file is empty; its first line must name the columns')
  const names = head.fields.map((name) => name.trim().toLowerCase())
  return rows.map(({ line, fields }) => {
    if (fields.length > names.length)
      throw new Error(`line ${line} has ${fields.length} values for ${names.length} columns`)
    return { line, values: Object.fromEntries(names.map((name, index) => [name, (fields[index] ?? '').trim()])) }
  })
}

type CsvRecord = { line: number; fields: string[] }

/** A field, plain or in quotes with `""` for a quote, and what ends it. */
const FIELD = /("(?:[^"]|"")*"|[^",\r\n]*)(,|\r?\n|$)/y

function recordsOf(text: string): CsvRecord[] {
  const records: CsvRecord[] = []
  let current: CsvRecord = { line: 1, fields: [] }
  let [at, line] = [0, 1]
  while (at < text.length) {
    FIELD.lastIndex = at
    const [whole, field = '', end] = FIELD.exec(text) ?? []
    if (whole === undefined || whole === '') throw new Error(`line ${line} has a quote that does not fit`)
    at += whole.length
    line += whole.split('\n').length - 1
    current.fields.push(field.startsWith('"') ? field.slice(1, -1).replaceAll('""', '"') : field)
    if (end === ',' && at < text.length) continue
    records.push(current)
    current = { line, fields: [] }
  }
  return records
}
