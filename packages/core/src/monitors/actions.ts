/** Decides which actions of a monitor are due, and when they are held back. */
import type { MonitorAct, MonitorAction } from '@skerry/contract/monitors/action'
import type { MonitorSpec, VersionVerdict } from '@skerry/contract/monitors/monitor'

const WEEK_MS = 7 * 86_400_000

/** An action that is due for a version. */
export type DueAct = { action: MonitorAction; version: number }

type Facts = {
  versions: readonly Pick<VersionVerdict, 'version' | 'state'>[]
  /** Versions that a deployment wants now: an action on another one would change nothing. */
  wanted: ReadonlySet<number>
  /** The newest first. */
  acts: readonly Pick<MonitorAct, 'action' | 'atMs' | 'outcome'>[]
  nowMs: number
}

/** The name of an action in the history. Two actions of one monitor have different names. */
export function actionName(action: MonitorAction): string {
  if ('flow' in action) return `${action.do} ${action.flow}`
  return 'body' in action ? `${action.do} ${action.body}` : action.do
}

/** A name that two actions have; undefined if there is none. Their limits would count for both. */
export function repeatedAction(actions: readonly MonitorAction[]): string | undefined {
  const names = actions.map(actionName)
  return names.find((name, at) => names.indexOf(name) !== at)
}

/**
 * One action for a version at most: an alert of the whole fleet is one alert. A dry run has the same cool-down, so that it
 * shows how often it would be done.
 */
export function dueActs({ actions }: Pick<MonitorSpec, 'actions'>, { versions, wanted, acts, nowMs }: Facts): DueAct[] {
  const [alerting] = versions.filter(({ version, state }) => state === 'alert' && wanted.has(version))
  if (!alerting) return []
  return actions.flatMap((action) => {
    const { isDryRun, coolDownSeconds, weeklyMax } = action
    const name = actionName(action)
    const before = acts.filter((act) => act.action === name && isDryRun === (act.outcome === 'dry-run'))
    const isCooling = before.some(({ atMs }) => nowMs - atMs < coolDownSeconds * 1_000)
    const inWeek = before.filter(({ atMs, outcome }) => outcome === 'done' && nowMs - atMs < WEEK_MS).length
    return isCooling || inWeek >= weeklyMax ? [] : [{ action, version: alerting.version }]
  })
}

const HEALTHY: ReadonlySet<VersionVerdict['state']> = new Set(['ok', 'quiet', 'unprofiled'])

/** Whether a flow that is held may write again without a person: a version is well, and none is in doubt. */
export function isReleased(
  { actions }: Pick<MonitorSpec, 'actions'>,
  versions: Facts['versions'],
  flow: string,
): boolean {
  const rule = actions.find((action) => action.do === 'hold' && action.flow === flow)
  if (rule?.do !== 'hold' || rule.release !== 'healthy') return false
  return versions.some(({ state }) => state === 'ok') && versions.every(({ state }) => HEALTHY.has(state))
}
