/** Rules card: the rules of a monitor in words. */
import type { Monitor } from '@skerry/contract/monitors/monitor'
import { Card } from '../../components/card.tsx'
import { ageText } from '../../components/facts/age-text.ts'
import { Instant } from '../../components/facts/instant.tsx'
import { number } from '../../texts/count.ts'
import { monitorsTexts } from './english-monitors.ts'

const words = monitorsTexts.rule

export function RulesCard({ monitor: { spec, changedAtMs, changedBy } }: { monitor: Monitor }) {
  const { windowSeconds, windows, drift, missing, rowsMin, actions } = spec
  const [action] = actions
  const facts = [
    [words.window, `${ageText(windowSeconds * 1_000)}; ${words.compared(windows)}`],
    [words.drift, words.limits(drift.warn, drift.alert)],
    [words.missing, words.limits(missing.warn, missing.alert)],
    [words.rowsMin, number.format(rowsMin)],
    [words.actions, action ? words.rollback(action.isDryRun) : words.alertOnly],
  ] as const
  return (
    <Card title={monitorsTexts.rules}>
      <dl className="grid grid-cols-[max-content_minmax(0,1fr)] gap-x-6 gap-y-2 text-sm">
        {facts.map(([name, value]) => (
          <div key={name} className="contents">
            <dt className="text-soft">{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
        <dt className="text-soft">{words.set}</dt>
        <dd>
          <Instant ms={changedAtMs} /> {monitorsTexts.by(changedBy)}
        </dd>
      </dl>
    </Card>
  )
}
