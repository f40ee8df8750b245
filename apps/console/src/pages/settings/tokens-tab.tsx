/** Join tokens: what lets devices in, with how often each was used. */
import type { JoinToken } from '@skerry/contract/join'
import { useQuery } from '@tanstack/react-query'
import { Plus, Ticket } from 'lucide-react'
import { useState } from 'react'
import { Badge } from '../../components/badge.tsx'
import { GuardedButton } from '../../components/button.tsx'
import { Card } from '../../components/card.tsx'
import { Confirmation } from '../../components/confirmation.tsx'
import { Copyable } from '../../components/copyable.tsx'
import { Instant, useNowMs } from '../../components/instant.tsx'
import { Empty, Failure, Loading } from '../../components/page-state.tsx'
import { PlainTable } from '../../components/plain-table.tsx'
import { hub } from '../../hub/hub-client.ts'
import { queries } from '../../hub/queries.ts'
import { texts } from '../../texts/english.ts'
import { NewTokenDialog } from './new-token-dialog.tsx'

const words = texts.settings.tokens

/** The tab. */
export function TokensTab() {
  const { data, error, refetch } = useQuery(queries.tokens())
  const [isMaking, setMaking] = useState(false)
  const [revoked, setRevoked] = useState<JoinToken>()
  const nowMs = useNowMs()
  const add = (
    <GuardedButton permission="token.write" look="primary" isSmall onClick={() => setMaking(true)}>
      <Plus size={14} aria-hidden />
      {words.create}
    </GuardedButton>
  )
  return (
    <Card title={texts.settings.tabs.tokens} aside={add} isFlush>
      {error ? <Failure error={error} onRetry={() => void refetch()} /> : null}
      {!data && !error && <Loading />}
      {data?.length === 0 && <Empty icon={Ticket} title={words.empty} hint={words.emptyHint} />}
      {data && data.length > 0 && (
        <PlainTable
          label={texts.settings.tabs.tokens}
          headers={[...Object.values(words.columns), words.revoke]}
          rows={data.map((token) => ({ key: token.id, cells: cellsOf(token, nowMs, setRevoked) }))}
        />
      )}
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
    </Card>
  )
}

function cellsOf(token: JoinToken, nowMs: number, onRevoke: (token: JoinToken) => void) {
  const state = stateOf(token, nowMs)
  return [
    <Copyable key="id" value={token.id} what={words.columns.id} />,
    token.site,
    <span key="uses" className="tabular">
      {texts.common.ofTotal(token.uses, token.usesMax)}
    </span>,
    words.approvals[token.approval],
    <Instant key="created" ms={token.createdAtMs} />,
    <Instant key="expires" ms={token.expiresAtMs} />,
    <Badge key="state" tone={state === 'good' ? 'good' : 'idle'} isPlain>
      {words.states[state]}
    </Badge>,
    state === 'good' ? (
      <GuardedButton key="revoke" permission="token.write" look="danger" isSmall onClick={() => onRevoke(token)}>
        {words.revoke}
      </GuardedButton>
    ) : null,
  ]
}

function stateOf({ revokedAtMs, expiresAtMs, uses, usesMax }: JoinToken, nowMs: number): keyof typeof words.states {
  if (revokedAtMs !== undefined) return 'revoked'
  if (expiresAtMs <= nowMs) return 'expired'
  return uses >= usesMax ? 'used' : 'good'
}
