/** Webhook: who else is told of findings, how far that has got, and whether it answers; set, tested and removed from here. */

import { problemOf } from '@skerry/client/problem'
import type { IntrusionWebhook } from '@skerry/contract/intrusion/intrusion-webhook'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { CircleCheck, CircleX, Webhook } from 'lucide-react'
import { useState } from 'react'
import { GuardedButton } from '../../components/button.tsx'
import { Card, Facts } from '../../components/card.tsx'
import { Confirmation } from '../../components/dialogs/confirmation.tsx'
import { Badge } from '../../components/facts/badge.tsx'
import { deliveryRows, LookAgain } from '../../components/facts/delivery-facts.tsx'
import { Instant } from '../../components/facts/instant.tsx'
import { Empty, Failure, Loading } from '../../components/page-state.tsx'
import { hub } from '../../hub/hub-client.ts'
import { receiverTexts } from '../settings/trail/english-receivers.ts'
import { intrusionQueries } from './intrusion-queries.ts'
import { WebhookDialog } from './webhook-dialog.tsx'

const words = receiverTexts.webhook

/** The tab. */
export function WebhookTab() {
  const query = useQuery(intrusionQueries.webhook())
  const { data, error, refetch } = query
  const [asked, setAsked] = useState<'set' | 'remove'>()
  const client = useQueryClient()
  const again = () => client.invalidateQueries({ queryKey: intrusionQueries.webhook().queryKey })
  const onClose = () => setAsked(undefined)
  return (
    <div className="overflow-y-auto">
      <Card title={words.title} aside={data && <LookAgain query={query} />}>
        {data === undefined && (error ? <Failure error={error} onRetry={() => void refetch()} /> : <Loading />)}
        {data === null && (
          <Empty
            icon={Webhook}
            title={words.none}
            hint={words.noneHint}
            action={
              <GuardedButton permission="intrusion.write" look="primary" onClick={() => setAsked('set')}>
                {words.set}
              </GuardedButton>
            }
          />
        )}
        {data && <State webhook={data} onChange={() => setAsked('set')} onRemove={() => setAsked('remove')} />}
      </Card>
      {asked === 'set' && <WebhookDialog url={data?.url ?? ''} onSaved={again} onClose={onClose} />}
      {asked === 'remove' && data && <Removal webhook={data} onDone={again} onClose={onClose} />}
    </div>
  )
}

type StateProps = { webhook: IntrusionWebhook; onChange: () => void; onRemove: () => void }

function State({ webhook, onChange, onRemove }: StateProps) {
  const { url, sentAtMs, givenUp } = webhook
  const { state } = receiverTexts
  return (
    <div className="flex flex-col gap-4">
      <p className="max-w-prose text-sm text-soft">{words.lead}</p>
      <Facts
        rows={[
          [
            state.receiver,
            <code key="url" className="font-mono text-xs wrap-anywhere">
              {url}
            </code>,
          ],
          [state.lastTaken, sentAtMs === undefined ? state.nothingYet : <Instant key="taken" ms={sentAtMs} />],
          ...deliveryRows(webhook, words.waiting),
          ...(givenUp.count > 0 ? [[words.givenUp, <GivenUp key="given" givenUp={givenUp} />] as const] : []),
        ]}
      />
      <div className="flex flex-wrap items-center gap-2">
        <Test key={url} />
        <GuardedButton permission="intrusion.write" onClick={onChange}>
          {receiverTexts.change}
        </GuardedButton>
        <GuardedButton permission="intrusion.write" look="danger" onClick={onRemove}>
          {receiverTexts.remove}
        </GuardedButton>
      </div>
    </div>
  )
}

const GivenUp = ({ givenUp: { count, newest } }: { givenUp: IntrusionWebhook['givenUp'] }) => (
  <span className="min-w-0 wrap-anywhere text-bad">
    {words.givenUpText(count)}
    {newest && (
      <>
        {`, ${words.newest} `}
        <Link to="/security" search={{ finding: newest.intrusion }} className="rounded font-medium underline">
          <Instant ms={newest.atMs} />
        </Link>
        {`: ${newest.message}`}
      </>
    )}
  </span>
)

/** Tells it of a finding that is made up; what it answers stands beside the button. */
function Test() {
  const { data, error, isPending, mutate } = useMutation({ mutationFn: () => hub.intrusion.testWebhook({}) })
  return (
    <>
      <GuardedButton
        permission="intrusion.write"
        blocked={isPending ? words.testing : undefined}
        onClick={() => mutate()}
      >
        {words.test}
      </GuardedButton>
      <span role="status" className="order-last flex w-full min-w-0 flex-wrap items-center gap-2 text-sm">
        {isPending && <span className="text-soft">{words.testing}</span>}
        {error !== null && <span className="wrap-anywhere text-bad">{problemOf(error).message}</span>}
        {data && !isPending && (
          <>
            <Badge tone={data.isTaken ? 'good' : 'bad'} icon={data.isTaken ? CircleCheck : CircleX}>
              {data.isTaken ? words.taken : words.notTaken}
            </Badge>
            <span className="min-w-0 wrap-anywhere text-soft">{words.answered(data.status, data.text)}</span>
          </>
        )}
      </span>
    </>
  )
}

type RemovalProps = { webhook: IntrusionWebhook; onDone: () => Promise<void>; onClose: () => void }

const Removal = ({ webhook: { url, waiting }, onDone, onClose }: RemovalProps) => (
  <Confirmation
    title={words.removeTitle(url)}
    lead={words.removeLead(waiting)}
    verb={receiverTexts.remove}
    isDanger
    run={async () => {
      await hub.intrusion.removeWebhook({})
      await onDone()
    }}
    done={words.removed}
    onClose={onClose}
  />
)
