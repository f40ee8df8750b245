/** Drift text: the devices of a place that do not run with its settings. */
import type { SettingsLayer } from '@skerry/contract/settings/device-settings'
import { useQuery } from '@tanstack/react-query'
import { agentQueries } from './agent-queries.ts'
import { agentsTexts } from './english-agents.ts'

const words = agentsTexts.drift

/** Nothing while it is unknown. */
export function DriftText({ layer: { scope, settings } }: { layer: SettingsLayer }) {
  const { data } = useQuery(agentQueries.plan(scope, settings))
  const drift = data?.drift
  if (!drift) return null
  const { behind, overridden } = drift
  if (behind.count + overridden.count === 0) return <span className="text-soft">{words.none}</span>
  return (
    <span className="flex flex-col text-warn wrap-anywhere">
      {behind.count > 0 && <span>{words.behind(behind)}</span>}
      {overridden.count > 0 && <span>{words.overridden(overridden)}</span>}
    </span>
  )
}
