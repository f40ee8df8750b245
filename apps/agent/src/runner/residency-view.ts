/** Residency view: the models in the memory of the runner, for the report of the device. */
import type { DeviceResidency } from '@skerry/contract/scaling/residency'
import { nowUs } from '@skerry/inference/host/run-clock'
import type { ResidencyView } from '@skerry/inference/scale/residency'

/** [contract, DeviceResidency.models] */
const RESIDENTS_MAX = 512

/** The largest models first. */
export const residencyOf = (
  { usedBytes, evictions, waiting, residents }: ResidencyView,
  limitBytes: number,
): DeviceResidency => ({
  limitBytes,
  usedBytes: Math.round(usedBytes),
  evictions,
  waiting,
  models: residents
    .toSorted((a, b) => b.bytes - a.bytes)
    .slice(0, RESIDENTS_MAX)
    .map(({ name, bytes, isPinned, lastUsedUs }) => ({
      name: name.slice(0, 100),
      bytes: Math.round(bytes),
      pinned: isPinned,
      idleSeconds: Math.max(0, Math.round((nowUs() - lastUsedUs) / 1_000_000)),
    })),
})
