/** Join tokens: the tokens that admit devices, with the number of uses of each. */
import type { JoinToken } from '@skerry/contract/joining/join'
import { tokenLanguage } from '@skerry/core/language/row-language'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Plus, Ticket } from 'lucide-react'
import { useMemo, useState } from 'react'
import { GuardedButton } from '../../../components/button.tsx'
import { Confirmation } from '../../../components/dialogs/confirmation.tsx'
import { Copyable } from '../../../components/facts/copyable.tsx'
import { useNowMs } from '../../../components/facts/instant.tsx'
import type { Column } from '../../../components/rows/data-table.tsx'
import { hub } from '../../../hub/hub-client.ts'
import { queries } from '../../../hub/queries.ts'
import { texts } from '../../../texts/english.ts'
import { revokeColumn, stateColumn, timeColumn } from '../credential-columns.tsx'
import { settingsTexts } from '../english-settings.ts'
import { SettingsList } from '../settings-list.tsx'
import { NewTokenDialog } from './new-token-dialog.tsx'

const words = settingsTexts.tokens

export function TokensTab() {
  const tokens = useQuery(queries.tokens())
  const [isMaking, setMaking] = useState(false)
  const [revoked, setRevoked] = useState<JoinToken>()
  const nowMs = useNowMs()
  const columns = useMemo(() => columnsFor(nowMs, setRevoked), [nowMs])
  return (
    <>
      <SettingsList
        label={texts.settings.tabs.tokens}
        query={tokens}
        columns={columns}
        rowKey={({ id }) => id}
        language={tokenLanguage}
        filter={{ label: words.filter, noMatch: words.noMatch }}
        empty={{ icon: Ticket, title: words.empty, hint: words.emptyHint }}
        defaultSort="-created"
        action={
          <GuardedButton permission="token.write" look="primary" onClick={() => setMaking(true)}>
            <Plus size={15} aria-hidden />
            {words.create}
          </GuardedButton>
        }
      />
      {isMaking && <NewTokenDialog onClose={() => setMaking(false)} />}
      {revoked && (
        <Confirmation
          title={words.revokeTitle}
          lead={words.revokeLead}
          verb={words.revoke}
          isDanger
          run={() => hub.token.revoke({ token: revoked.id })}
          done={words.revoked}
          onClose={() => setRevoked(undefined)}
        />
      )}
    </>
  )
}

const columnsFor = (nowMs: number, onRevoke: (token: JoinToken) => void): readonly Column<JoinToken>[] => [
  {
    id: 'id',
    header: words.columns.id,
    width: 'minmax(13rem, 1.5fr)',
    cell: ({ id }) => <Copyable value={id} what={words.columns.id} />,
  },
  {
    id: 'site',
    header: words.columns.site,
    width: 'minmax(8rem, 1fr)',
    sortValue: ({ site }) => site,
    cell: ({ site }) => (
      <Link to="/sites/$site" params={{ site }} className="rounded hover:text-accent hover:underline">
        {site}
      </Link>
    ),
  },
  {
    id: 'uses',
    header: words.columns.uses,
    width: '6rem',
    sortValue: ({ uses }) => uses,
    cell: ({ uses, usesMax }) => <span className="tabular">{texts.common.ofTotal(uses, usesMax)}</span>,
  },
  {
    id: 'approval',
    header: words.columns.approval,
    width: '10rem',
    rank: 4,
    sortValue: ({ approval }) => approval,
    cell: ({ approval }) => words.approvals[approval],
  },
  earliestFirst('created', ({ createdAtMs }) => createdAtMs),
  earliestFirst('expires', ({ expiresAtMs }) => expiresAtMs),
  stateColumn({
    header: words.columns.state,
    names: words.states,
    stateOf: (token: JoinToken) => stateOf(token, nowMs),
  }),
  revokeColumn({
    verb: words.revoke,
    permission: 'token.write',
    isRevocable: (token) => stateOf(token, nowMs) === 'good',
    onRevoke,
  }),
]

const earliestFirst = (id: 'created' | 'expires', ms: (token: JoinToken) => number) =>
  timeColumn({ id, header: words.columns[id], ms, sortValue: ms })

function stateOf({ revokedAtMs, expiresAtMs, uses, usesMax }: JoinToken, nowMs: number): keyof typeof words.states {
  if (revokedAtMs !== undefined) return 'revoked'
  if (expiresAtMs <= nowMs) return 'expired'
  return uses >= usesMax ? 'used' : 'good'
}
