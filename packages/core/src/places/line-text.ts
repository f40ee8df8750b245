/** Line text: the line of a device, and the statements of its operator, in words. */
import type { DeviceLine, StatedPlace } from '@skerry/contract/places/device-place'

/** Such as `metered, 20 Mbit/s, loss 0.5 %`. Undefined if nothing is known. */
export function lineWords(line: DeviceLine | undefined): string | undefined {
  const { metered, bandwidthMbps, lossPercent } = line ?? {}
  const words = [
    ...(metered === undefined ? [] : [metered ? 'metered' : 'not metered']),
    ...(bandwidthMbps === undefined ? [] : [`${bandwidthMbps} Mbit/s`]),
    ...(lossPercent === undefined ? [] : [`loss ${lossPercent} %`]),
  ]
  return words.length === 0 ? undefined : words.join(', ')
}

/** Such as `clearance internal, country DE`. Undefined if the operator states nothing. */
export function statedWords(stated: StatedPlace | undefined): string | undefined {
  const { clearance, country } = stated ?? {}
  const words = [
    ...(clearance === undefined ? [] : [`clearance ${clearance}`]),
    ...(country === undefined ? [] : [`country ${country}`]),
  ]
  return words.length === 0 ? undefined : words.join(', ')
}
