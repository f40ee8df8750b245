/** CSV rows: reads comma-separated values with a head line [RFC 4180], as spreadsheets write them. */

/** One row: what stands under each head, with the line that it began in. */
export type CsvRow = { line: number; values: Readonly<Record<string, string>> }

/** Reads them; throws where the text is none, naming the line. Empty lines are passed over. */
export function csvRows(text: string): CsvRow[] {
  const read = csvRecords(text, ',')
  if (!read.ok) throw new Error(`line ${read.line} has an unmatched quote`)
  const [head, ...rows] = read.records
  if (!head) throw new Error('the file is empty; its first line must name the columns')
  const names = head.cells.map((name) => name.trim().toLowerCase())
  return rows.map(({ line, cells }) => {
    if (cells.length > names.length)
      throw new Error(`line ${line} has ${cells.length} values for ${names.length} columns`)
    return { line, values: Object.fromEntries(names.map((name, index) => [name, (cells[index] ?? '').trim()])) }
  })
}

export type CsvRecord = { line: number; cells: string[] }

/** `line` and `cell`, which counts from 0: where a quote stands that does not fit. */
export type CsvRecords = { ok: true; records: CsvRecord[] } | { ok: false; line: number; cell: number }

/** A cell, plain or in quotes with `""` for a quote, and what ends it. */
const CELL = { ',': /("(?:[^"]|"")*"|[^",\r\n]*)(,|\r?\n|$)/y, ';': /("(?:[^"]|"")*"|[^";\r\n]*)(;|\r?\n|$)/y } as const

/** All that is not empty, in order. A mark of the byte order in front is left out. */
export function csvRecords(marked: string, separator: keyof typeof CELL): CsvRecords {
  const text = marked.replace(/^\uFEFF/, '')
  const cell = CELL[separator]
  const records: CsvRecord[] = []
  let current: CsvRecord = { line: 1, cells: [] }
  let at = 0
  let line = 1
  let isOpen = text !== ''
  while (isOpen) {
    cell.lastIndex = at
    const found = cell.exec(text)
    if (!found) return { ok: false, line, cell: current.cells.length }
    const [whole, raw = '', end = ''] = found
    at += whole.length
    line += whole.split('\n').length - 1
    current.cells.push(raw.startsWith('"') ? raw.slice(1, -1).replaceAll('""', '"') : raw)
    // After a separator there is one more cell, even where the text ends with it.
    if (end === separator) continue
    if (current.cells.some((each) => each !== '')) records.push(current)
    current = { line, cells: [] }
    isOpen = at < text.length
  }
  return { ok: true, records }
}
