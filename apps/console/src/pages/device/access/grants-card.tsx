/** Grants card: the people who may reach the device, until when and why. */
import type { AccessGrant } from '@skerry/contract/access/access'
import type { DeviceDetail } from '@skerry/contract/devices/device'
import type { AccessGrantId } from '@skerry/contract/values/ids'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { Ban, CircleCheck, Hourglass, KeyRound, SquareTerminal } from 'lucide-react'
import { useState } from 'react'
import { GuardedButton } from '../../../components/button.tsx'
import { Card } from '../../../components/card.tsx'
import { Confirmation } from '../../../components/dialogs/confirmation.tsx'
import { Badge } from '../../../components/facts/badge.tsx'
import { Instant } from '../../../components/facts/instant.tsx'
import { Empty, Failure, Loading } from '../../../components/page-state.tsx'
import { PlainTable } from '../../../components/rows/plain-table.tsx'
import { hub } from '../../../hub/hub-client.ts'
import { accessQueries } from './access-queries.ts'
import { accessTexts } from './english-access.ts'
import { RequestDialog } from './request-dialog.tsx'

const words = accessTexts.grants

const LOOKS = {
  active: { tone: 'good', icon: CircleCheck },
  expired: { tone: 'idle', icon: Hourglass },
  revoked: { tone: 'idle', icon: Ban },
} as const

type CardProps = { device: DeviceDetail; isOpen: boolean; onOpen: (grant: AccessGrantId) => void }

export function GrantsCard({ device, isOpen, onOpen }: CardProps) {
  const { data, error, refetch } = useQuery(accessQueries.grants(device.name))
  const client = useQueryClient()
  const [isAsked, setAsked] = useState(false)
  const [revoking, setRevoking] = useState<AccessGrant>()
  const again = () => client.invalidateQueries({ queryKey: ['devices', 'access', device.name] })
  return (
    <Card
      title={words.title}
      isFlush
      aside={
        <GuardedButton permission="access.request" isSmall onClick={() => setAsked(true)}>
          <KeyRound size={13} aria-hidden />
          {words.request}
        </GuardedButton>
      }
    >
      {error ? <Failure error={error} onRetry={() => void refetch()} /> : null}
      {!data && !error && <Loading />}
      {data?.rows.length === 0 && <Empty icon={KeyRound} title={words.none} hint={words.noneHint} />}
      {data && data.rows.length > 0 && (
        <PlainTable
          label={words.title}
          headers={words.headers}
          wideOnly={[words.headers[3]]}
          rows={data.rows.map((grant) => ({
            key: grant.id,
            cells: [
              <Holder key="holder" grant={grant} />,
              <Covers key="covers" grant={grant} />,
              <State key="state" grant={grant} />,
              <span key="reason" className="text-soft wrap-anywhere">
                {grant.reason}
              </span>,
              <Actions key="actions" {...{ grant, isOpen, onOpen, onRevoke: setRevoking }} />,
            ],
          }))}
        />
      )}
      {isAsked && <RequestDialog device={device.name} onDone={again} onClose={() => setAsked(false)} />}
      {revoking && (
        <Confirmation
          title={words.revokeTitle}
          lead={words.revokeLead}
          verb={words.revoke}
          isDanger
          needsReason
          run={async (reason) => {
            await hub.access.revoke({ device: device.name, grant: revoking.id, reason })
            await again()
          }}
          done={words.revoked}
          onClose={() => setRevoking(undefined)}
        />
      )}
    </Card>
  )
}

const Holder = ({ grant: { holder, isYours } }: { grant: AccessGrant }) => (
  <span className="whitespace-nowrap">
    {holder.name}
    {isYours && <span className="text-xs text-soft"> ({words.you})</span>}
  </span>
)

const Covers = ({ grant: { kinds, targets, path, device, isYours, isModerated } }: { grant: AccessGrant }) => (
  <span className="flex flex-col">
    <span>
      {kinds.map((kind) => accessTexts.kinds[kind]).join(', ')}
      {isModerated && <span className="text-xs text-soft"> ({words.moderated})</span>}
    </span>
    {targets.map((target) => (
      <code key={target} className="font-mono text-xs text-soft">
        {isYours ? words.ports(device, target.replace(/^127\.0\.0\.1:/, '')) : target}
      </code>
    ))}
    {path !== undefined && <code className="font-mono text-xs text-soft">{path}</code>}
  </span>
)

const State = ({ grant: { state, expiresAtMs, revoked } }: { grant: AccessGrant }) => (
  <span className="flex flex-wrap items-center gap-x-2">
    <Badge {...LOOKS[state]}>{words.states[state]}</Badge>
    <span className="text-xs whitespace-nowrap text-soft">
      {state === 'active' && words.ends} <Instant ms={revoked?.atMs ?? expiresAtMs} />{' '}
      {revoked && words.revokedBy(revoked.by)}
    </span>
  </span>
)

type ActionProps = {
  grant: AccessGrant
  isOpen: boolean
  onOpen: (grant: AccessGrantId) => void
  onRevoke: (grant: AccessGrant) => void
}

const Actions = ({ grant, isOpen, onOpen, onRevoke }: ActionProps) =>
  grant.state === 'active' && (
    <span className="flex flex-wrap justify-end gap-2">
      {grant.isYours && grant.kinds.includes('shell') && !isOpen && (
        <GuardedButton permission="access.open" isSmall onClick={() => onOpen(grant.id)}>
          <SquareTerminal size={13} aria-hidden />
          {words.open}
        </GuardedButton>
      )}
      <GuardedButton permission="access.request" look="danger" isSmall onClick={() => onRevoke(grant)}>
        {words.revoke}
      </GuardedButton>
    </span>
  )
