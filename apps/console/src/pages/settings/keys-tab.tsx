/** Keys: who may call, with what role, and until when. */
import type { Key } from '@skerry/contract/key'
import { useQuery } from '@tanstack/react-query'
import { Plus } from 'lucide-react'
import { useState } from 'react'
import { Badge } from '../../components/badge.tsx'
import { GuardedButton } from '../../components/button.tsx'
import { Card } from '../../components/card.tsx'
import { Confirmation } from '../../components/confirmation.tsx'
import { Instant, useNowMs } from '../../components/instant.tsx'
import { Failure, Loading } from '../../components/page-state.tsx'
import { PlainTable } from '../../components/plain-table.tsx'
import { hub } from '../../hub/hub-client.ts'
import { queries } from '../../hub/queries.ts'
import { texts } from '../../texts/english.ts'
import { NewKeyDialog } from './new-key-dialog.tsx'

const words = texts.settings.keys

/** The tab. */
export function KeysTab() {
  const { data, error, refetch } = useQuery(queries.keys())
  const { data: me } = useQuery(queries.me())
  const [isMaking, setMaking] = useState(false)
  const [revoked, setRevoked] = useState<Key>()
  const nowMs = useNowMs()
  const add = (
    <GuardedButton permission="key.write" look="primary" isSmall onClick={() => setMaking(true)}>
      <Plus size={14} aria-hidden />
      {words.create}
    </GuardedButton>
  )
  return (
    <Card title={texts.settings.tabs.keys} aside={add} isFlush>
      {error ? <Failure error={error} onRetry={() => void refetch()} /> : null}
      {!data && !error && <Loading />}
      {data && (
        <PlainTable
          label={texts.settings.tabs.keys}
          headers={[...Object.values(words.columns), words.revoke]}
          rows={data.map((key) => ({
            key: key.id,
            cells: cellsOf(key, { nowMs, ownId: me?.keyId, onRevoke: setRevoked }),
          }))}
        />
      )}
      {isMaking && <NewKeyDialog onClose={() => setMaking(false)} />}
      {revoked && (
        <Confirmation
          title={words.revokeTitle(revoked.name)}
          lead={words.revokeLead}
          verb={words.revoke}
          isDanger
          typedName={revoked.name}
          run={() => hub.key.revoke({ key: revoked.id })}
          done={words.revoked(revoked.name)}
          onClose={() => setRevoked(undefined)}
        />
      )}
    </Card>
  )
}

type CellContext = { nowMs: number; ownId: string | undefined; onRevoke: (key: Key) => void }

function cellsOf(key: Key, { nowMs, ownId, onRevoke }: CellContext) {
  const state = stateOf(key, nowMs)
  return [
    <span key="name" className="font-medium">
      {key.name}
      {key.id === ownId && <span className="ml-2 text-xs font-normal text-soft">{words.yours}</span>}
    </span>,
    words.roles[key.role],
    <Instant key="created" ms={key.createdAtMs} />,
    <Instant key="used" ms={key.lastUsedAtMs} />,
    <Instant key="expires" ms={key.expiresAtMs} />,
    <Badge key="state" tone={state === 'good' ? 'good' : 'idle'} isPlain>
      {words.states[state]}
    </Badge>,
    state === 'revoked' ? null : (
      <GuardedButton key="revoke" permission="key.write" look="danger" isSmall onClick={() => onRevoke(key)}>
        {words.revoke}
      </GuardedButton>
    ),
  ]
}

function stateOf({ revokedAtMs, expiresAtMs }: Key, nowMs: number): keyof typeof words.states {
  if (revokedAtMs !== undefined) return 'revoked'
  return expiresAtMs !== undefined && expiresAtMs <= nowMs ? 'expired' : 'good'
}
