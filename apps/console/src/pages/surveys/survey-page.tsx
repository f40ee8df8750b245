/** Survey: the statistics of all devices together, and the devices that counted. */
import { isCampaignOver } from '@skerry/contract/campaigns/campaign'
import type { Survey } from '@skerry/contract/campaigns/survey'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useParams } from '@tanstack/react-router'
import { useState } from 'react'
import { GuardedButton } from '../../components/button.tsx'
import { Card, Facts, Page } from '../../components/card.tsx'
import { Confirmation } from '../../components/dialogs/confirmation.tsx'
import { Instant } from '../../components/facts/instant.tsx'
import { WaitingCard } from '../../components/waiting-card.tsx'
import { hub } from '../../hub/hub-client.ts'
import { campaignsTexts } from '../campaigns/english-campaigns.ts'
import { DevicesOfRound } from '../campaigns/participants-card.tsx'
import { surveysTexts as words } from './english-surveys.ts'
import { ResultCards } from './result-cards.tsx'
import { SurveyBadge } from './survey-badge.tsx'
import { surveyQueries } from './survey-queries.ts'

const back = { to: '/surveys', text: words.back } as const

/** Renders the page at /surveys/NAME. */
export function SurveyPage() {
  const { name } = useParams({ from: '/inside/surveys/$name' })
  const { data, error, refetch } = useQuery(surveyQueries.one(name))
  if (!data)
    return (
      <Page title={name} back={back}>
        <WaitingCard error={error} retry={refetch} />
      </Page>
    )
  const { survey, participants, candidates } = data
  const { result, spec, reason } = survey
  return (
    <Page
      title={name}
      back={back}
      beside={<SurveyBadge survey={survey} />}
      lead={
        <>
          {words.lead(spec.data.name)}
          {result && ` · ${words.counted(result.rows, result.devices)}`}
          {reason !== undefined && <span className="block wrap-anywhere">{reason}</span>}
        </>
      }
      actions={<StopAction survey={survey} />}
    >
      {result ? (
        <ResultCards spec={spec} result={result} />
      ) : (
        <Card title={words.values.title}>
          <p className="text-sm text-soft">{words.waiting}</p>
        </Card>
      )}
      <FactsCard survey={survey} />
      <DevicesOfRound title={words.devices} participants={participants} candidates={candidates} />
    </Page>
  )
}

function StopAction({ survey }: { survey: Survey }) {
  const { name } = survey.spec
  const [isAsked, setAsked] = useState(false)
  const client = useQueryClient()
  if (isCampaignOver(survey.phase)) return null
  const stop = async (reason: string) => {
    await hub.survey.stop({ name, reason })
    await client.invalidateQueries({ queryKey: surveyQueries.list().queryKey })
  }
  return (
    <>
      <GuardedButton permission="campaign.write" look="danger" onClick={() => setAsked(true)}>
        {words.stop}
      </GuardedButton>
      {isAsked && (
        <Confirmation
          title={words.stopTitle(name)}
          lead={words.stopLead}
          verb={words.stop}
          isDanger
          needsReason
          run={stop}
          done={words.stopped(name)}
          onClose={() => setAsked(false)}
        />
      )}
    </>
  )
}

function FactsCard({ survey: { spec, result, createdAtMs, createdBy } }: { survey: Survey }) {
  const { facts } = words
  const { participants, privacy } = spec
  const place = [participants.dataClass, participants.residency?.join(', ')].filter(Boolean).join('; ')
  const selector = participants.selector === 'true' ? campaignsTexts.facts.everyone : participants.selector
  const masks = privacy?.masks ? facts.masks : facts.noMasks
  const noise = privacy?.noise ? facts.noise(result?.epsilon, privacy.noise.delta) : facts.noNoise
  const rows = [
    [facts.devices, `${selector}; ${campaignsTexts.facts.minimum(participants.minimum)}`],
    ...(place === '' ? [] : [[campaignsTexts.facts.place, place] as const]),
    [facts.privacy, `${masks}; ${noise}`],
  ] as const
  const started = [
    facts.started,
    <span key="started">
      <Instant ms={createdAtMs} /> {words.by(createdBy)}
    </span>,
  ] as const
  return (
    <Card title={facts.title}>
      <Facts rows={[...rows, started]} />
    </Card>
  )
}
