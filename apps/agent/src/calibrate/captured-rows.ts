/**
 * Captured rows: the recording of a model's inputs on this device, as a capture keeps it. Flows and applications gave
 * these inputs to the model, so they have passed the mapping of the flow already.
 */
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { CalibrateCommand } from '@skerry/contract/builds/device-ranges'
import { type CapturedRow, ROWS_READ_MAX } from '@skerry/contract/captures/capture'
import type { GoldenInputCase } from '@skerry/contract/devices/golden'
import type { Tensor } from '@skerry/contract/models/tensor'
import { calibrationRowProblem } from '@skerry/core/builds/calibration'
import { redactedInput } from '@skerry/core/captures/training-row'
import type { CaptureQuery } from '../captures/capture-store.ts'

export type CapturedRows = {
  /** Resolves when all rows until now are on the disk. */
  settled(): Promise<void>
  read(query: CaptureQuery): { rows: readonly CapturedRow[] }
}

export type ReadRows = {
  cases: GoldenInputCase[]
  leftOut: number
  /** Why the first row was left out. */
  reason: string | undefined
}

/** The process of the calibration gets all rows at once. */
const BASE64_CHARACTERS_MAX = 72 * 1024 * 1024

/** The newest rows that fit the model. Rejects only when the signal fires. */
export async function readCapturedRows(
  captures: CapturedRows,
  { name, inputs, rows: wanted }: Pick<CalibrateCommand, 'name' | 'inputs' | 'rows'>,
  signal: AbortSignal,
): Promise<ReadRows> {
  await captures.settled()
  const read: Reading = { cases: [], leftOut: 0, reason: undefined, characters: 0 }
  const isFull = () => read.cases.length >= wanted || read.characters >= BASE64_CHARACTERS_MAX
  let before: number | undefined
  do {
    signal.throwIfAborted()
    const { rows } = captures.read({ model: name, limit: ROWS_READ_MAX, before })
    for (const row of rows) if (!isFull()) addRow(read, row, inputs)
    before = rows.at(-1)?.place
    // Each row was decrypted in this thread, which also keeps the link.
    await nextTurn()
  } while (before !== undefined && !isFull())
  const { characters: _characters, ...found } = read
  return found
}

type Reading = ReadRows & { characters: number }

function addRow(read: Reading, row: CapturedRow, specs: CalibrateCommand['inputs']): void {
  const { inputs = {} } = row
  const problem = redactionProblem(row) ?? calibrationRowProblem(inputs, { specs, bytesOf })
  if (problem === undefined) {
    read.cases.push({ inputs })
    read.characters += sizeOf(inputs)
  } else {
    read.leftOut += 1
    read.reason ??= problem
  }
}

const bytesOf = (base64: string) => Buffer.from(base64, 'base64')

function redactionProblem(row: CapturedRow): string | undefined {
  const found = redactedInput(row)
  return found === undefined ? undefined : `${found} is redacted`
}

const sizeOf = (inputs: Readonly<Record<string, Tensor>>) =>
  Object.values(inputs).reduce((sum, { data }) => sum + data.length, 0)
