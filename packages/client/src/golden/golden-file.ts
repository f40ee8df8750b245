/** Golden file: golden cases from the bytes of one file, JSON or an archive of numpy. Its first bytes tell which. */
import type { Tolerance } from '@skerry/contract/devices/golden'
import type { GoldenReading, GoldenSpecs } from './golden-reading.ts'
import { readGoldenText } from './golden-text.ts'
import { isZip } from './zip.ts'

/** Reads the file for a model with these tensors. */
export async function readGoldenFile(
  bytes: Uint8Array<ArrayBuffer>,
  specs: GoldenSpecs,
  tolerance: Tolerance | undefined,
): Promise<GoldenReading> {
  if (!isZip(bytes)) return readGoldenText(new TextDecoder().decode(bytes), specs, tolerance)
  const { readGoldenNpz } = await import('./golden-npz.ts')
  return readGoldenNpz(bytes, specs, tolerance)
}
