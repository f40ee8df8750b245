/** Rows file: the rows that a person names with `--data`, in as few requests as the model can answer them in. */
import { base64Of } from '@skerry/client/base64'
import type { VersionDetail } from '@skerry/contract/models/model'
import type { Tensor } from '@skerry/contract/models/tensor'
import { PROFILE_CASES_MAX, ProfileRows } from '@skerry/contract/monitors/profile-rows'
import { requestInputs } from '../../kinds/kinds.ts'
import { fail } from '../../program/failure.ts'
import { readText } from '../../program/input-file.ts'
import { type GoldenSource, readGolden } from '../models/files/golden-file.ts'

type Inputs = Readonly<Record<string, Tensor>>

/**
 * Reads the rows for this version. A model that takes batches of any size gets all rows of one shape at once. `labels`:
 * a file with the true class of each row.
 */
export async function readRows(
  sources: readonly GoldenSource[],
  detail: VersionDetail,
  labels?: string,
): Promise<ProfileRows> {
  const read = await casesIn(sources, detail)
  return labels === undefined ? casesOf(read) : { ...casesOf(read), labels: await labelsIn(labels) }
}

/** One class a line. An empty last line is no label. */
async function labelsIn(path: string): Promise<string[]> {
  const lines = (await readText(path)).replace(/\r?\n$/, '').split(/\r?\n/)
  const empty = lines.findIndex((line) => line.trim() === '')
  if (empty !== -1) throw fail('file_invalid', `line ${empty + 1} of ${path} is empty; each line is the label of a row`)
  return lines.map((line) => line.trim())
}

async function casesIn(sources: readonly GoldenSource[], detail: VersionDetail): Promise<Inputs[]> {
  const inputs = requestInputs(detail)
  const specs = { inputs, outputs: [], limits: ProfileRows, casesMax: PROFILE_CASES_MAX }
  const { cases } = (await readGolden(sources, specs, undefined)).golden
  const rows = cases.map((one) => one.inputs)
  if (!inputs.every(({ shape }) => shape[0] === -1)) return rows
  return groupsOf(rows).map(joined)
}

const casesOf = (all: readonly Inputs[]): ProfileRows => ({ cases: all.map((inputs) => ({ inputs })) })

/** Neighbours with the same shapes: the order stays, because labels go by it. */
function groupsOf(rows: readonly Inputs[]): Inputs[][] {
  const groups: Inputs[][] = []
  for (const row of rows) {
    const last = groups.at(-1)
    const [first] = last ?? []
    if (last && first && shapesOf(first) === shapesOf(row)) last.push(row)
    else groups.push([row])
  }
  return groups
}

/** Rows of the same shapes besides the first axis can be one batch. */
const shapesOf = (inputs: Inputs) =>
  JSON.stringify(Object.entries(inputs).map(([name, { shape, datatype }]) => [name, datatype, shape.slice(1)]))

/** The rows, one after the other along the first axis. */
function joined(rows: readonly Inputs[]): Record<string, Tensor> {
  const [first = {}] = rows
  return Object.fromEntries(
    Object.entries(first).map(([name, { datatype, shape }]) => {
      const parts = rows.flatMap((row) => row[name] ?? [])
      const count = parts.reduce((sum, part) => sum + (part.shape[0] ?? 1), 0)
      const data = base64Of(Buffer.concat(parts.map((part) => Buffer.from(part.data, 'base64'))))
      return [name, { datatype, shape: [count, ...shape.slice(1)], data }]
    }),
  )
}
