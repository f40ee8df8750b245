/** Decides which actions of a monitor are due, and when they are held back. */
import type { MonitorAct, MonitorSpec, VersionVerdict } from '@skerry/contract/monitors/monitor'

const WEEK_MS = 7 * 86_400_000

/** An action that is due for a version. */
export type DueAct = Pick<MonitorAct, 'action' | 'version'> & { isDryRun: boolean }

type Facts = {
  versions: readonly Pick<VersionVerdict, 'version' | 'state'>[]
  /** Versions that a deployment wants now: an action on another one would change nothing. */
  wanted: ReadonlySet<number>
  /** The newest first. */
  acts: readonly MonitorAct[]
  nowMs: number
}

/**
 * One action for a version at most: an alert of the whole fleet is one alert. A dry run has the same cool-down, so that it
 * shows how often it would be done.
 */
export function dueActs({ actions }: Pick<MonitorSpec, 'actions'>, { versions, wanted, acts, nowMs }: Facts): DueAct[] {
  const [alerting] = versions.filter(({ version, state }) => state === 'alert' && wanted.has(version))
  if (!alerting) return []
  return actions.flatMap(({ do: action, isDryRun, coolDownSeconds, weeklyMax }) => {
    const before = acts.filter((act) => act.action === action && isDryRun === (act.outcome === 'dry-run'))
    const isCooling = before.some(({ atMs }) => nowMs - atMs < coolDownSeconds * 1_000)
    const inWeek = before.filter(({ atMs, outcome }) => outcome === 'done' && nowMs - atMs < WEEK_MS).length
    return isCooling || inWeek >= weeklyMax ? [] : [{ action, version: alerting.version, isDryRun }]
  })
}
