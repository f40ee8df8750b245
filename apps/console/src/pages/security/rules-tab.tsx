/**
 * Rules: the rules of intrusion detection in this organisation, the score of each at which it fires, and the hub's
 * response.
 */
import type { IntrusionRuleView } from '@skerry/contract/intrusion/intrusion'
import { durationWords } from '@skerry/core/values/duration'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { GuardedButton } from '../../components/button.tsx'
import { Card } from '../../components/card.tsx'
import { Badge } from '../../components/facts/badge.tsx'
import { PlainTable } from '../../components/rows/plain-table.tsx'
import { WaitingCard } from '../../components/waiting-card.tsx'
import { securityTexts } from './english-security.ts'
import { intrusionQueries } from './intrusion-queries.ts'
import { RuleDialog } from './rule-dialog.tsx'

const words = securityTexts.rules

/** The tab: the rules as the hub names them. */
export function RulesTab() {
  const { data, error, refetch } = useQuery(intrusionQueries.rules())
  const [changed, setChanged] = useState<IntrusionRuleView>()
  if (!data) return <WaitingCard error={error} retry={refetch} />
  return (
    <div className="overflow-y-auto">
      <Card isFlush>
        <PlainTable
          label={securityTexts.tabs.rules}
          headers={[words.rule, words.state, words.threshold, words.window, words.response, words.change]}
          rows={data.map((rule) => ({ key: rule.rule, cells: cellsOf(rule, setChanged) }))}
        />
      </Card>
      {changed && <RuleDialog rule={changed} onClose={() => setChanged(undefined)} />}
    </div>
  )
}

function cellsOf(view: IntrusionRuleView, change: (rule: IntrusionRuleView) => void) {
  const { rule, means, isOn, isSet, threshold, windowSeconds, action, response } = view
  const name = securityTexts.ruleName(rule)
  return [
    <span key="rule" className="flex flex-col py-2">
      <span className="font-medium">{name}</span>
      <span className="max-w-xl text-xs text-soft first-letter:uppercase">{means}</span>
    </span>,
    <span key="state" className="flex flex-col">
      <Badge tone={isOn ? 'good' : 'idle'} isPlain>
        {isOn ? words.on : words.off}
      </Badge>
      {isSet && <span className="text-xs text-soft">{words.set}</span>}
    </span>,
    <span key="threshold" className="tabular">
      {threshold}
    </span>,
    durationWords(windowSeconds),
    action === undefined ? (
      <span key="response" className="text-soft">
        {words.noAction}
      </span>
    ) : (
      words.act(action, response)
    ),
    <GuardedButton
      key="change"
      isSmall
      permission="intrusion.write"
      aria-label={words.changeLabel(name)}
      onClick={() => change(view)}
    >
      {words.change}
    </GuardedButton>,
  ]
}
