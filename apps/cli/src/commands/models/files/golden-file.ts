/**
 * Golden file: the golden cases that a person names with `--golden`: `FILE.json`, `FILE.npz`, or `NAME=FILE.bin` for
 * each input and, if there are any, expected outputs.
 */
import type { GoldenReading, GoldenSpecs } from '@skerry/client/golden-cases/golden-reading'
import type { Tolerance } from '@skerry/contract/devices/golden'
import { fail, wrongUsage } from '../../../program/failure.ts'
import { readBytes } from '../../../program/input-file.ts'

export type GoldenSource = { file: string } | { tensor: string; file: string }

/** Parses the form `FILE.json` or `tensor=FILE.bin`. */
export function parseGoldenSource(text: string): GoldenSource {
  const [, tensor, file] = /^([^=/]+)=(.+)$/.exec(text) ?? []
  return tensor !== undefined && file !== undefined ? { tensor, file } : { file: text }
}

type Read = Extract<GoldenReading, { ok: true }>

/** Reads golden cases for a model with these tensors. The readers are loaded here, because few commands need them. */
export async function readGolden(
  sources: readonly GoldenSource[],
  specs: GoldenSpecs,
  tolerance: Tolerance | undefined,
): Promise<Read> {
  const [first] = sources
  if (first && !('tensor' in first)) {
    if (sources.length > 1) throw wrongForms()
    const { readGoldenFile } = await import('@skerry/client/golden-cases/golden-file')
    return accepted(`${first.file}: `, await readGoldenFile(await readBytes(first.file), specs, tolerance))
  }
  const pieces = await Promise.all(
    sources.map(async (source) => {
      if (!('tensor' in source)) throw wrongForms()
      return { name: source.tensor, from: source.file, bytes: await readBytes(source.file) }
    }),
  )
  const { readGoldenBytes } = await import('@skerry/client/golden-cases/golden-raw')
  return accepted('', await readGoldenBytes(pieces, specs, tolerance))
}

/** The reading in words for the terminal: the outputs that the hub compares, and the names that it does not know. */
export function goldenNotes({ expected, ignored }: Read): string[] {
  const compared =
    expected.length > 0
      ? `expected outputs, with which the hub compares its answers: ${expected.join(', ')}`
      : 'no expected outputs: the answers of the hub become the reference, right or wrong'
  return [compared, ...(ignored.length > 0 ? [`not tensors of the model, ignored: ${ignored.join(', ')}`] : [])]
}

const wrongForms = () => wrongUsage('--golden takes one JSON or .npz file, or one NAME=FILE.bin for each tensor')

function accepted(where: string, reading: GoldenReading): Read {
  if (reading.ok) return reading
  throw fail('file_invalid', `${where}${reading.message}`)
}
