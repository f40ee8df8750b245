/** Rows file: the rows that a person names with `--data`, in as few requests as the model can answer them in. */
import { base64Of } from '@skerry/client/base64'
import type { VersionDetail } from '@skerry/contract/models/model'
import type { Tensor } from '@skerry/contract/models/tensor'
import { PROFILE_CASES_MAX, ProfileRows } from '@skerry/contract/monitors/profile-rows'
import { requestInputs } from '../../kinds/kinds.ts'
import { type GoldenSource, readGolden } from '../models/files/golden-file.ts'

type Inputs = Readonly<Record<string, Tensor>>

/** Reads the rows for this version. A model that takes batches of any size gets all rows of one shape at once. */
export async function readRows(sources: readonly GoldenSource[], detail: VersionDetail): Promise<ProfileRows> {
  const inputs = requestInputs(detail)
  const specs = { inputs, outputs: [], limits: ProfileRows, casesMax: PROFILE_CASES_MAX }
  const { cases } = (await readGolden(sources, specs, undefined)).golden
  const rows = cases.map((one) => one.inputs)
  if (!inputs.every(({ shape }) => shape[0] === -1)) return casesOf(rows)
  return casesOf([...Map.groupBy(rows, shapesOf).values()].map(joined))
}

const casesOf = (all: readonly Inputs[]): ProfileRows => ({ cases: all.map((inputs) => ({ inputs })) })

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
