/** Rules card: the rules of a monitor in words. */
import type { MonitorAction } from '@skerry/contract/monitors/action'
import type { Monitor } from '@skerry/contract/monitors/monitor'
import { Card } from '../../components/card.tsx'
import { ageText } from '../../components/facts/age-text.ts'
import { Instant } from '../../components/facts/instant.tsx'
import { number } from '../../texts/count.ts'
import { monitorsTexts } from './english-monitors.ts'

const words = monitorsTexts.rule

function actionText(action: MonitorAction): string {
  const { actions: of } = words
  switch (action.do) {
    case 'hold':
      return words.act(of.hold(action.flow), action.isDryRun)
    case 'webhook':
      return words.act(of.webhook(action.url), action.isDryRun)
    case 'shadow':
      return words.act(of.shadow(action.challenger), action.isDryRun)
    case 'capture':
      return words.act(of.capture(action.rows), action.isDryRun)
    case 'pause':
    case 'rollback':
      return words.act(of[action.do], action.isDryRun)
  }
}

export function RulesCard({ monitor: { spec, changedAtMs, changedBy, revision } }: { monitor: Monitor }) {
  const { windowSeconds, windows, drift, missing, accuracy, error, rowsMin, actions, cohorts, reference } = spec
  const facts = [
    [words.window, `${ageText(windowSeconds * 1_000)}; ${words.compared(windows)}`],
    [words.drift, words.limits(drift.warn, drift.alert)],
    [words.missing, words.limits(missing.warn, missing.alert)],
    [words.accuracy, words.below(accuracy.warn, accuracy.alert)],
    [words.error, words.above(error.warn, error.alert)],
    [words.rowsMin, number.format(rowsMin)],
    [words.cohorts, words.references[reference](cohorts.join(', ') || words.noCohorts)],
    [words.actionsLabel, actions.length > 0 ? words.acts(actions.map(actionText)) : words.alertOnly],
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
          {revision !== undefined && `, ${words.revision(revision)}`}
        </dd>
      </dl>
    </Card>
  )
}
