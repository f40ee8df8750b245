/** Slot pulse: the state of a loaded version, from the statistics of its slot. */
import type { ShadowStats } from '@skerry/contract/devices/item'
import { countedOf } from '@skerry/core/device/proof/probation'
import type { MirrorStatistics } from '@skerry/inference/host/mirror'
import type { SlotStatistics } from '@skerry/inference/host/model-host'
import { frequentError } from '@skerry/inference/host/statistics'
import type { SlotPulse } from './runner-message.ts'

/** The part of a beat about the slot. */
export function pulseOf({ slot, state, statistics, scale, mirror }: SlotStatistics): SlotPulse {
  const { success, fail, failures, turnedAway, latency } = statistics
  const outputs = statistics.outputs.stats()
  const error = frequentError(statistics)
  return {
    slot,
    stats: {
      ...countedOf({ answered: success.count, failed: fail.count, cancelled: failures.CANCELED, turnedAway }),
      ...quantilesOf(latency),
      ...p95Of(latency),
      ...countsOf(latency),
      ...(outputs.length === 0 ? {} : { outputs }),
    },
    ...(error && { error }),
    ...(scale && { scale }),
    ...(mirror ? { shadow: shadowStatsOf(mirror) } : {}),
    ...(state.status === 'failed' ? { problem: state.reason } : {}),
  }
}

function shadowStatsOf({
  matched,
  mismatched,
  errors,
  dropped,
  maxDifference,
  latency,
}: MirrorStatistics): ShadowStats {
  return {
    compared: matched + mismatched,
    matched,
    mismatched,
    errors,
    dropped,
    ...(maxDifference === undefined ? {} : { maxDifference }),
    ...quantilesOf(latency),
  }
}

function quantilesOf({ quantileUs }: MirrorStatistics['latency']) {
  const p50Us = quantileUs(0.5)
  const p99Us = quantileUs(0.99)
  return {
    ...(p50Us === undefined ? {} : { p50Us: Math.round(p50Us) }),
    ...(p99Us === undefined ? {} : { p99Us: Math.round(p99Us) }),
  }
}

/** Goals of optimisations are about this quantile. */
function p95Of({ quantileUs }: MirrorStatistics['latency']) {
  const p95Us = quantileUs(0.95)
  return p95Us === undefined ? {} : { p95Us: Math.round(p95Us) }
}

/** The hub adds them up over devices and time. */
function countsOf(latency: SlotStatistics['statistics']['latency']) {
  const counts = latency.counts()
  return counts ? { latency: counts } : {}
}
