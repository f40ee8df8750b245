/** Campaign: its curves, the history of its rounds, and the devices of each. */
import { type Campaign, isCampaignOver } from '@skerry/contract/campaigns/campaign'
import { isOfNumbers } from '@skerry/core/campaigns/metric'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { Link, useParams } from '@tanstack/react-router'
import { useState } from 'react'
import { GuardedButton } from '../../components/button.tsx'
import { Page } from '../../components/card.tsx'
import { Confirmation } from '../../components/dialogs/confirmation.tsx'
import { toast } from '../../components/toasts.tsx'
import { WaitingCard } from '../../components/waiting-card.tsx'
import { hub } from '../../hub/hub-client.ts'
import { CampaignBadge } from './campaign-badge.tsx'
import { campaignQueries } from './campaign-queries.ts'
import { CurvesCard } from './curves-card.tsx'
import { campaignsTexts as words } from './english-campaigns.ts'
import { FactsCard } from './facts-card.tsx'
import { ParticipantCards } from './participants-card.tsx'
import { RoundsCard } from './rounds-card.tsx'

const back = { to: '/campaigns', text: words.back } as const

/** Renders the page at /campaigns/NAME. */
export function CampaignPage() {
  const { name } = useParams({ from: '/inside/campaigns/$name' })
  const { data, error, refetch } = useQuery(campaignQueries.one(name))
  const [chosen, setChosen] = useState<number>()
  if (!data)
    return (
      <Page title={name} back={back}>
        <WaitingCard error={error} retry={refetch} />
      </Page>
    )
  const { campaign, rounds } = data
  const round = chosen ?? Math.max(1, campaign.round)
  return (
    <Page
      title={name}
      back={back}
      beside={<CampaignBadge campaign={campaign} />}
      lead={<Lead campaign={campaign} />}
      actions={<Actions campaign={campaign} />}
    >
      <div className="grid items-start gap-4 xl:grid-cols-[minmax(0,2fr)_minmax(0,1fr)]">
        <CurvesCard campaign={campaign} rounds={rounds} />
        <FactsCard campaign={campaign} />
      </div>
      <RoundsCard
        isOfErrors={isOfNumbers(campaign.spec.training.loss)}
        rounds={rounds}
        shown={round}
        onShow={setChosen}
      />
      <ParticipantCards name={name} round={round} isOver={isCampaignOver(campaign.phase)} />
    </Page>
  )
}

function Lead({ campaign: { spec, baseVersion, resultVersion, round, reason } }: { campaign: Campaign }) {
  return (
    <>
      {words.lead(spec.model, baseVersion)} · {words.columns.round.toLowerCase()} {words.roundOf(round, spec.rounds)}
      {resultVersion !== undefined && (
        <>
          {' · '}
          <Link
            to="/models/$model/versions/$version"
            params={{ model: spec.model, version: String(resultVersion) }}
            className="rounded font-medium text-accent hover:underline"
          >
            {words.result(resultVersion)}
          </Link>
        </>
      )}
      {reason !== undefined && <span className="block wrap-anywhere">{reason}</span>}
    </>
  )
}

function Actions({ campaign }: { campaign: Campaign }) {
  const { name } = campaign.spec
  const [asked, setAsked] = useState<'pause' | 'stop'>()
  const client = useQueryClient()
  if (isCampaignOver(campaign.phase)) return null
  const renew = () => client.invalidateQueries({ queryKey: campaignQueries.list().queryKey })
  const resume = async () => {
    await hub.campaign.resume({ name })
    toast('good', words.resumed(name))
    await renew()
  }
  const steer = async (verb: 'pause' | 'stop', reason: string) => {
    await hub.campaign[verb]({ name, reason })
    await renew()
  }
  return (
    <>
      {campaign.isPaused ? (
        <GuardedButton permission="campaign.write" look="primary" onClick={() => void resume()}>
          {words.resume}
        </GuardedButton>
      ) : (
        <GuardedButton permission="campaign.write" onClick={() => setAsked('pause')}>
          {words.pause}
        </GuardedButton>
      )}
      <GuardedButton permission="campaign.write" look="danger" onClick={() => setAsked('stop')}>
        {words.stop}
      </GuardedButton>
      {asked !== undefined && (
        <Confirmation
          title={asked === 'pause' ? words.pauseTitle(name) : words.stopTitle(name)}
          lead={asked === 'pause' ? words.pauseLead : words.stopLead}
          verb={words[asked]}
          isDanger={asked === 'stop'}
          needsReason
          run={(reason) => steer(asked, reason)}
          done={asked === 'pause' ? words.paused(name) : words.stopped(name)}
          onClose={() => setAsked(undefined)}
        />
      )}
    </>
  )
}
