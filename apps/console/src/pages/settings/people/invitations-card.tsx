/** Invitations card: those that still count, each taken back from here. */
import type { Invitation } from '@skerry/contract/people/user'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { GuardedButton } from '../../../components/button.tsx'
import { Card } from '../../../components/card.tsx'
import { Confirmation } from '../../../components/dialogs/confirmation.tsx'
import { Instant } from '../../../components/facts/instant.tsx'
import { Failure, Loading } from '../../../components/page-state.tsx'
import { PlainTable } from '../../../components/rows/plain-table.tsx'
import { hub } from '../../../hub/hub-client.ts'
import { texts } from '../../../texts/english.ts'
import { peopleTexts } from './english-people.ts'
import { peopleQueries } from './people-queries.ts'
import { useRoleChoices } from './role-choices.ts'

const words = peopleTexts.invitations

export function InvitationsCard() {
  const { data, error, refetch } = useQuery(peopleQueries.invitations())
  const [revoked, setRevoked] = useState<Invitation>()
  return (
    <Card title={words.title} isFlush>
      {!data && (error ? <Failure error={error} onRetry={() => void refetch()} /> : <Loading />)}
      {data?.length === 0 && <p className="p-4 text-sm text-soft">{words.none}</p>}
      {data && data.length > 0 && <InvitationTable invitations={data} onRevoke={setRevoked} />}
      {revoked && (
        <Confirmation
          title={words.revokeTitle(revoked.email)}
          lead={words.revokeLead(revoked.uses)}
          verb={words.revoke}
          isDanger
          run={() => hub.invitation.revoke({ invitation: revoked.id })}
          done={words.revoked}
          onClose={() => setRevoked(undefined)}
        />
      )}
    </Card>
  )
}

type TableProps = { invitations: readonly Invitation[]; onRevoke: (invitation: Invitation) => void }

function InvitationTable({ invitations, onRevoke }: TableProps) {
  const choices = useRoleChoices()
  const { columns } = words
  return (
    <PlainTable
      label={words.title}
      headers={[columns.for, columns.role, columns.uses, columns.created, columns.expires, columns.revoke]}
      rows={invitations.map((invitation) => ({
        key: invitation.id,
        cells: [
          invitation.email ?? (
            <span key="anybody" className="text-soft">
              {words.anybody}
            </span>
          ),
          choices.find(({ role }) => role === invitation.role)?.name ?? invitation.role,
          <span key="uses" className="tabular">
            {texts.common.ofTotal(invitation.uses, invitation.usesMax)}
          </span>,
          <Instant key="created" ms={invitation.createdAtMs} />,
          <Instant key="expires" ms={invitation.expiresAtMs} />,
          <GuardedButton
            key="revoke"
            permission="user.write"
            isSmall
            look="danger"
            onClick={() => onRevoke(invitation)}
          >
            {words.revoke}
          </GuardedButton>,
        ],
      }))}
    />
  )
}
