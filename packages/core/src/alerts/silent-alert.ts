/** Silent alert: devices without reports. An agent that was stopped in order is no fault of power or network. */
import type { SiteGroup } from './alert-facts.ts'
import { alertRules } from './alert-rules.ts'

/** Such as `press-1 at oslo is silent: its agent was stopped`. */
export function silentMessage(who: string, isOne: boolean, group: SiteGroup | undefined): string {
  const says = `${who} ${isOne ? 'is' : 'are'} silent`
  const stopped = group?.stopped ?? 0
  if (!group || stopped === 0) return says
  if (isOne) return `${says}: its agent was stopped`
  return `${says}: ${stopped === group.count ? 'their agents were stopped' : `the agents of ${stopped} were stopped`}`
}

/** Undefined if no agent was stopped. */
export function silentAction(group: SiteGroup | undefined): string | undefined {
  const stopped = group?.stopped ?? 0
  if (!group || stopped === 0) return undefined
  const start = `Start the ${group.count === 1 ? 'agent' : 'agents'} again: \`skerry agent\` with the options of its start but --join, or the service of the device`
  if (stopped === group.count) return start
  return `${start}. For the others: ${lowered(alertRules.devices_stale.action)}`
}

const lowered = (text: string) => text.charAt(0).toLowerCase() + text.slice(1)
