/** Residency lines: the memory of loaded models, and the models that left it. */
import type { DeviceDetail } from '@skerry/contract/devices/device'
import { isSilent, spokenLiveness } from '@skerry/core/devices/tense'
import { countText, sizeText } from '../../../program/terminal/words.ts'

type Reported = Pick<DeviceDetail, 'residency' | 'items' | 'liveness' | 'link'>

/** No line from an agent that does not report it, or while nothing is loaded. A silent device has a past only. */
export function residencyLines({ residency, items, ...contact }: Reported): string[] {
  if (!residency) return []
  const when = isSilent(spokenLiveness(contact)) ? ' when it last reported' : ''
  const { limitBytes, usedBytes, evictions, waiting, models } = residency
  const away = items.filter(({ scale }) => scale?.count === 0).map(({ name }) => name)
  if (models.length === 0 && away.length === 0) return []
  const parts = [
    `${countText(models.length, 'model')} in memory${when}: about ${sizeText(usedBytes)} of ${sizeText(limitBytes)}`,
    ...(away.length > 0 ? [`not loaded until a request comes: ${away.join(', ')}`] : []),
    ...(waiting > 0 ? [`${countText(waiting, 'model')} waiting for room`] : []),
    ...(evictions > 0 ? [`${countText(evictions, 'time')} a model made room`] : []),
  ]
  return [parts.join('; ')]
}
