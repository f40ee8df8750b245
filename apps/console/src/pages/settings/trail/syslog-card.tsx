/** Syslog card: which receiver the trail is sent to and how far it has got; set and removed from here. */
import type { SyslogState, SyslogTarget } from '@skerry/contract/audit/audit-export'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { Send } from 'lucide-react'
import { useState } from 'react'
import { GuardedButton } from '../../../components/button.tsx'
import { Card, Facts } from '../../../components/card.tsx'
import { Confirmation } from '../../../components/dialogs/confirmation.tsx'
import { deliveryRows, LookAgain } from '../../../components/facts/delivery-facts.tsx'
import { Instant } from '../../../components/facts/instant.tsx'
import { Empty, Failure, Loading } from '../../../components/page-state.tsx'
import { hub } from '../../../hub/hub-client.ts'
import { receiverTexts } from './english-receivers.ts'
import { SyslogDialog } from './syslog-dialog.tsx'
import { trailQueries } from './trail-queries.ts'

const words = receiverTexts.syslog

/** The card. */
export function SyslogCard() {
  const query = useQuery(trailQueries.syslog())
  const { data, error, refetch } = query
  const [asked, setAsked] = useState<'set' | 'remove'>()
  const client = useQueryClient()
  const again = () => client.invalidateQueries({ queryKey: trailQueries.syslog().queryKey })
  const onClose = () => setAsked(undefined)
  return (
    <Card title={words.title} aside={data && <LookAgain query={query} />}>
      {data === undefined && (error ? <Failure error={error} onRetry={() => void refetch()} /> : <Loading />)}
      {data === null && (
        <Empty
          icon={Send}
          title={words.none}
          hint={words.noneHint}
          action={
            <GuardedButton permission="audit.write" look="primary" onClick={() => setAsked('set')}>
              {words.set}
            </GuardedButton>
          }
        />
      )}
      {data && <State state={data} onChange={() => setAsked('set')} onRemove={() => setAsked('remove')} />}
      {asked === 'set' && data !== undefined && <SyslogDialog known={data?.target} onSaved={again} onClose={onClose} />}
      {asked === 'remove' && data && <Removal state={data} onDone={again} onClose={onClose} />}
    </Card>
  )
}

const nameOf = ({ host, port }: SyslogTarget) => `${host}:${port}`

type StateProps = { state: SyslogState; onChange: () => void; onRemove: () => void }

function State({ state, onChange, onRemove }: StateProps) {
  const { target, sentThrough, sentAtMs } = state
  const { authorityPem, certificatePem, serverName, facility } = target
  const { state: said } = receiverTexts
  return (
    <div className="flex flex-col gap-4">
      <p className="max-w-prose text-sm text-soft">{words.lead}</p>
      <Facts
        rows={[
          [
            said.receiver,
            <code key="receiver" className="font-mono text-xs">
              {nameOf(target)}
            </code>,
          ],
          [
            said.lastTaken,
            <span key="taken">
              {sentThrough === 0 ? said.nothingYet : words.record(sentThrough)}
              {sentThrough > 0 && sentAtMs !== undefined && (
                <>
                  {', '}
                  <Instant ms={sentAtMs} />
                </>
              )}
            </span>,
          ],
          ...deliveryRows(state, words.waiting),
          [words.authority, authorityPem === undefined ? words.usual : words.ownAuthority],
          [words.certificate, certificatePem === undefined ? words.noCertificate : words.ownCertificate],
          ...(serverName === undefined ? [] : [[words.serverName, serverName] as const]),
          [words.facility, facility],
        ]}
      />
      <div className="flex flex-wrap gap-2">
        <GuardedButton permission="audit.write" onClick={onChange}>
          {receiverTexts.change}
        </GuardedButton>
        <GuardedButton permission="audit.write" look="danger" onClick={onRemove}>
          {receiverTexts.remove}
        </GuardedButton>
      </div>
    </div>
  )
}

type RemovalProps = { state: SyslogState; onDone: () => Promise<void>; onClose: () => void }

const Removal = ({ state: { target, waiting }, onDone, onClose }: RemovalProps) => (
  <Confirmation
    title={words.removeTitle(nameOf(target))}
    lead={words.removeLead(waiting)}
    verb={receiverTexts.remove}
    isDanger
    run={async () => {
      await hub.audit.removeSyslog({})
      await onDone()
    }}
    done={words.removed}
    onClose={onClose}
  />
)
