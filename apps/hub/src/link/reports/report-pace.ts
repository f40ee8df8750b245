/**
 * Report pace: the time until a device's next report. It is usually a minute. A device in a measured wave reports as
 * often as the wave is measured. Otherwise several measurements would use the same report. The pace is read from stored
 * state, so that every hub knows it for its own devices.
 */
import type { DeviceId } from '@skerry/contract/values/ids'
import { isEnded } from '@skerry/core/rollouts/rollout-state'
import type { Hub } from '../../hub.ts'
import { type RolloutRecord, unendedRollouts } from '../../rollouts/rollout-store.ts'
import type { Store } from '../../store/store.ts'

export type ReportPace = {
  /** `usualMs`, or a shorter time. */
  intervalMs(deviceId: DeviceId, usualMs: number): Promise<number>
}

/** The pace notices an opened wave before its devices have fetched anything. */
const LOOK_MS = 1_000

/** Also the delay after rollouts changed, which happens with every few reports of a fleet under way. */
const LOOK_AGAIN_MS = 100

/** A device that joins a wave late is noticed after this time. */
const MEMBERS_MS = 10_000

/**
 * Reports a second of measured waves: half of the capacity of a hub (link-server.ts). All other devices have the other
 * half.
 */
const REPORTS_PER_SECOND_MAX = 250

type Wave = { rollout: RolloutRecord; index: number; everyMs: number }
type Members = { readAtMs: number; ids: ReadonlySet<DeviceId> }

/** Reads the store at intervals, and only when devices report. */
export function createReportPace({ store, clock, bus }: Pick<Hub, 'store' | 'clock' | 'bus'>): ReportPace {
  let lookMs = LOOK_MS
  bus.subscribe('rollout.changed', undefined, () => {
    lookMs = LOOK_AGAIN_MS
  })
  let waves: { everyMs: number; ids: ReadonlySet<DeviceId> }[] = []
  let members = new Map<string, Members>()
  let lookedAtMs = Number.NEGATIVE_INFINITY
  let looking: Promise<void> | undefined

  const look = async () => {
    const nowMs = clock.monotonicMs()
    lookMs = LOOK_MS
    const measured = (await unendedRollouts(store.db)).flatMap(measuredWaves)
    const known = new Map<string, Members>()
    for (const { rollout, index } of measured) {
      const key = `${rollout.id}/${index}`
      const before = members.get(key)
      const isFresh = before && nowMs < before.readAtMs + MEMBERS_MS
      known.set(key, isFresh ? before : { readAtMs: nowMs, ids: await membersOf(store, rollout, index) })
    }
    members = known
    const total = [...known.values()].reduce((sum, { ids }) => sum + ids.size, 0)
    const leastMs = (total / REPORTS_PER_SECOND_MAX) * 1_000
    waves = measured.map(({ rollout, index, everyMs }) => ({
      everyMs: Math.max(everyMs, leastMs),
      ids: known.get(`${rollout.id}/${index}`)?.ids ?? new Set(),
    }))
    lookedAtMs = nowMs
  }
  return {
    async intervalMs(deviceId, usualMs) {
      if (clock.monotonicMs() >= lookedAtMs + lookMs) {
        // If the store fails, the report itself returns the error.
        looking ??= look()
          .catch(() => undefined)
          .finally(() => {
            looking = undefined
          })
        await looking
      }
      return waves.reduce((least, { everyMs, ids }) => (ids.has(deviceId) ? Math.min(least, everyMs) : least), usualMs)
    },
  }
}

/** Open waves with an unfinished analysis, begun or not. */
function measuredWaves(rollout: RolloutRecord): Wave[] {
  const { plan, state } = rollout
  if (isEnded(state)) return []
  return state.waves.slice(0, state.wave + 1).flatMap(({ analyses }, index) => {
    const running = (plan.waves[index]?.analysis ?? []).filter((_, place) => analyses?.[place]?.verdict === undefined)
    const everyMs = Math.min(...running.map(({ intervalSeconds }) => intervalSeconds * 1_000))
    return running.length === 0 ? [] : [{ rollout, index, everyMs }]
  })
}

async function membersOf({ db }: Store, { id }: RolloutRecord, wave: number): Promise<Set<DeviceId>> {
  const rows = await db
    .selectFrom('rollout_members')
    .select('device_id')
    .where('rollout_id', '=', id)
    .where('wave', '=', wave)
    .execute()
  return new Set(rows.map(({ device_id }) => device_id))
}
