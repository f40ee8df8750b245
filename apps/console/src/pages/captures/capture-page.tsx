/** Capture: the rules of one model, the performance that its labels show, and the rows on devices for review. */
import type { Capture } from '@skerry/contract/captures/capture'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useNavigate, useParams } from '@tanstack/react-router'
import { useState } from 'react'
import { GuardedButton } from '../../components/button.tsx'
import { Card, Page } from '../../components/card.tsx'
import { sizeText } from '../../components/charts/amounts.ts'
import { Confirmation } from '../../components/dialogs/confirmation.tsx'
import { Instant } from '../../components/facts/instant.tsx'
import { WaitingCard } from '../../components/waiting-card.tsx'
import { hub } from '../../hub/hub-client.ts'
import { CaptureDialog } from './capture-dialog.tsx'
import { captureQueries } from './capture-queries.ts'
import { capturesTexts as words } from './english-captures.ts'
import { PerformanceCard } from './performance-card.tsx'
import { ReviewCard } from './review-card.tsx'

const back = { to: '/captures', text: words.back } as const

/** Renders the page at /captures/NAME. */
export function CapturePage() {
  const { model } = useParams({ from: '/inside/captures/$model' })
  const { data, error, refetch } = useQuery(captureQueries.one(model))
  if (!data)
    return (
      <Page title={model} back={back}>
        <WaitingCard error={error} retry={refetch} />
      </Page>
    )
  return (
    <Page title={model} back={back} lead={data.rules.purpose} actions={<Actions capture={data} />}>
      <div className="grid items-start gap-4 xl:grid-cols-[minmax(0,2fr)_minmax(0,1fr)]">
        <PerformanceCard model={model} />
        <RulesCard capture={data} />
      </div>
      <ReviewCard model={model} />
    </Page>
  )
}

const DAY_SECONDS = 86_400

function RulesCard({ capture: { rules, changedAtMs, changedBy } }: { capture: Capture }) {
  const { rule } = words
  const facts = [
    [rule.keeps, words.keeps(rules)],
    [rule.most, rule.rows(rules.keep, sizeText(rules.keepBytes))],
    [rule.time, rule.days(rules.forSeconds / DAY_SECONDS)],
    [rule.redacted, rules.redact.join(', ') || rule.nothing],
    [rule.task, rule.tasks[rules.task]],
  ] as const
  return (
    <Card title={words.rules}>
      <dl className="grid grid-cols-[max-content_minmax(0,1fr)] gap-x-6 gap-y-2 text-sm">
        {facts.map(([name, value]) => (
          <div key={name} className="contents">
            <dt className="text-soft">{name}</dt>
            <dd className="wrap-anywhere">{value}</dd>
          </div>
        ))}
        <dt className="text-soft">{rule.set}</dt>
        <dd>
          <Instant ms={changedAtMs} /> {words.by(changedBy)}
        </dd>
      </dl>
    </Card>
  )
}

function Actions({ capture: { model, rules } }: { capture: Capture }) {
  const [asked, setAsked] = useState<'change' | 'remove'>()
  const navigate = useNavigate()
  const client = useQueryClient()
  const close = () => setAsked(undefined)
  const remove = async () => {
    await hub.capture.remove({ name: model })
    await navigate({ to: '/captures' })
    await client.invalidateQueries({ queryKey: captureQueries.list().queryKey, exact: true })
  }
  return (
    <>
      <GuardedButton permission="capture.write" onClick={() => setAsked('change')}>
        {words.change}
      </GuardedButton>
      <GuardedButton permission="capture.write" look="danger" onClick={() => setAsked('remove')}>
        {words.remove}
      </GuardedButton>
      {asked === 'change' && <CaptureDialog known={{ model, rules }} onClose={close} />}
      {asked === 'remove' && (
        <Confirmation
          title={words.removeTitle(model)}
          lead={words.removeLead}
          verb={words.remove}
          isDanger
          run={remove}
          done={words.removed(model)}
          onClose={close}
        />
      )}
    </>
  )
}
