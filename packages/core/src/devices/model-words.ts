/** Model words: the models of a device in one cell of a table, and the tense in which a screen speaks of a device. */
import type { DeviceModel, Liveness } from '@skerry/contract/devices/device'

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

/** `anomaly:2`, `anomaly:2 failed, 1 serves` or `ocr:3 loading`. */
export function modelText({ name, version, state, serving }: DeviceModel, liveness: Liveness): string {
  const title = `${name}:${version}`
  if (state === 'active') return title
  if (state !== 'failed' || serving === undefined) return `${title} ${state}`
  return `${title} failed, ${serving} ${servesWord(liveness)}`
}

/**
 * `serves` for a device that reports. A silent device served: nobody knows whether it still does. Every screen that
 * speaks of a served version uses this word.
 */
export const servesWord = (liveness: Liveness): 'serves' | 'served' => (liveness === 'online' ? 'serves' : 'served')
