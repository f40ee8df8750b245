/** Golden file: the golden inputs that a person names with `--golden`: `FILE.json`, or `NAME=FILE.bin` for each input. */
import { type GoldenReading, type RawInput, readGoldenBytes, readGoldenText } from '@skerry/client/golden-inputs'
import type { Tolerance } from '@skerry/contract/devices/golden'
import type { TensorSpec } from '@skerry/contract/models/tensor'
import { fail, wrongUsage } from '../../../program/failure.ts'
import { readBytes, readText } from '../../../program/input-file.ts'

export type GoldenSource = { file: string } | { input: string; file: string }

/** `FILE.json`, or `input=FILE.bin`. */
export function parseGoldenSource(text: string): GoldenSource {
  const [, input, file] = /^([^=/]+)=(.+)$/.exec(text) ?? []
  return input !== undefined && file !== undefined ? { input, file } : { file: text }
}

/** Reads golden inputs for a model with these inputs. */
export async function readGolden(
  sources: readonly GoldenSource[],
  inputs: readonly TensorSpec[],
  tolerance: Tolerance | undefined,
): Promise<Extract<GoldenReading, { ok: true }>> {
  const [first] = sources
  if (first && !('input' in first)) {
    if (sources.length > 1) throw wrongForms()
    return accepted(`${first.file}: `, readGoldenText(await readText(first.file), inputs, tolerance))
  }
  const pieces: RawInput[] = []
  for (const source of sources) {
    if (!('input' in source)) throw wrongForms()
    pieces.push({ input: source.input, from: source.file, bytes: await readBytes(source.file) })
  }
  return accepted('', readGoldenBytes(pieces, inputs, tolerance))
}

const wrongForms = () => wrongUsage('--golden takes one JSON file, or one NAME=FILE.bin for each input')

function accepted(where: string, reading: GoldenReading): Extract<GoldenReading, { ok: true }> {
  if (reading.ok) return reading
  throw fail('file_invalid', `${where}${reading.message}`)
}
