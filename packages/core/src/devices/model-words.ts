/** Model words: the models of a device in one cell of a table. */
import type { DeviceModel, Liveness } from '@skerry/contract/devices/device'
import { servesWord } from './tense.ts'

/** Longer than this, a cell of a table gives the number of the models. Two usual names with their versions fit. */
const CELL_MAX = 40

/** `anomaly:2, ocr:3`, or `9 models, 1 failed` if the names are too long. A failed version is marked. */
export function modelsText(models: readonly DeviceModel[], count: number, liveness: Liveness): string {
  const named = models.map((model) => modelText(model, liveness)).join(', ')
  if (count === models.length && named.length <= CELL_MAX) return named
  if (count === 1) return named
  const failed = models.filter(({ state }) => state === 'failed').length
  return `${count} models${failed === 0 ? '' : `, ${failed} failed`}`
}

/** `anomaly:2`, `anomaly:2 (float16)`, `anomaly:2 failed, 1 serves` or `ocr:3 loading`. The build is one that serves. */
export function modelText({ name, version, state, serving, build }: DeviceModel, liveness: Liveness): string {
  const title = `${name}:${version}`
  const form = build === undefined ? '' : ` (${build})`
  if (state === 'active') return `${title}${form}`
  if (state !== 'failed' || serving === undefined) return `${title} ${state}`
  return `${title} failed, ${serving}${form} ${servesWord(liveness)}`
}
