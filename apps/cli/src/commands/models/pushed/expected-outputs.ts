/** Expected outputs: their origin, in words. */
import type { GoldenSource } from '@skerry/contract/devices/golden'

export const expectedOutputs: Readonly<Record<GoldenSource, string>> = {
  hub: "the hub's own answers to the golden inputs",
  pushed: 'given with the push; the hub agreed with them',
  mixed: "some given with the push, the others the hub's own answers",
}
