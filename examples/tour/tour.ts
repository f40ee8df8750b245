/** Tour: the state that the acts share. */

import type { Findings } from '../stage/findings.ts'
import type { AgentProgram, HubHome, HubProgram } from '../stage/fleet.ts'
import type { Feeder } from './feeder.ts'
import type { Screen } from './screen.ts'

export type Tour = {
  home: HubHome
  /** Another process after a restart. */
  hub: HubProgram
  agents: AgentProgram[]
  feeders: readonly Feeder[]
  /** The alarm threshold of each version, as the hub keeps it. */
  thresholds: Map<number, number>
  screen: Screen
  findings: Findings
  signal: AbortSignal
}

/** Prints the finding, and notes it. */
export function check({ screen, findings }: Tour, claim: string, holds: boolean, seen?: string): void {
  screen.say(findings.check(claim, holds, seen))
}
