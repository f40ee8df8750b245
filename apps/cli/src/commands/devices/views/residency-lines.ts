/** Residency lines: the memory of loaded models, and the models that left it. */
import type { DeviceDetail } from '@skerry/contract/devices/device'
import { countText, sizeText } from '../../../program/terminal/words.ts'

/** No line from an agent that does not report it, or while nothing is loaded. */
export function residencyLines({ residency, items }: Pick<DeviceDetail, 'residency' | 'items'>): string[] {
  if (!residency) return []
  const { limitBytes, usedBytes, evictions, waiting, models } = residency
  const away = items.filter(({ scale }) => scale?.count === 0).map(({ name }) => name)
  if (models.length === 0 && away.length === 0) return []
  const parts = [
    `${countText(models.length, 'model')} in memory: about ${sizeText(usedBytes)} of ${sizeText(limitBytes)}`,
    ...(away.length > 0 ? [`not loaded until a request comes: ${away.join(', ')}`] : []),
    ...(waiting > 0 ? [`${countText(waiting, 'model')} waiting for room`] : []),
    ...(evictions > 0 ? [`${countText(evictions, 'time')} a model made room`] : []),
  ]
  return [parts.join('; ')]
}
