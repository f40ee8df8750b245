/** Keys: who may call, with what role, and until when. */
import type { Key } from '@skerry/contract/people/key'
import { keyLanguage } from '@skerry/core/language/row-language'
import { useQuery } from '@tanstack/react-query'
import { KeyRound, Plus } from 'lucide-react'
import { useMemo, useState } from 'react'
import { GuardedButton } from '../../components/button.tsx'
import { Confirmation } from '../../components/dialogs/confirmation.tsx'
import { CopyButton } from '../../components/facts/copyable.tsx'
import { useNowMs } from '../../components/facts/instant.tsx'
import type { Column } from '../../components/rows/data-table.tsx'
import { hub } from '../../hub/hub-client.ts'
import { queries } from '../../hub/queries.ts'
import { texts } from '../../texts/english.ts'
import { revokeColumn, stateColumn, timeColumn } from './credential-columns.tsx'
import { settingsTexts } from './english-settings.ts'
import { NewKeyDialog } from './new-key-dialog.tsx'
import { roleName } from './people/role-name.ts'
import { SettingsList } from './settings-list.tsx'

const words = settingsTexts.keys

/** The tab. */
export function KeysTab() {
  const keys = useQuery(queries.keys())
  const { data: me } = useQuery(queries.me())
  const [isMaking, setMaking] = useState(false)
  const [revoked, setRevoked] = useState<Key>()
  const nowMs = useNowMs()
  const columns = useMemo(() => columnsFor({ nowMs, ownId: me?.id, onRevoke: setRevoked }), [nowMs, me?.id])
  return (
    <>
      <SettingsList
        label={texts.settings.tabs.keys}
        query={keys}
        columns={columns}
        rowKey={({ id }) => id}
        language={keyLanguage}
        filter={{ label: words.filter, noMatch: words.noMatch }}
        empty={{ icon: KeyRound, title: words.empty, hint: undefined }}
        defaultSort="name"
        action={
          <GuardedButton permission="key.write" look="primary" onClick={() => setMaking(true)}>
            <Plus size={15} aria-hidden />
            {words.create}
          </GuardedButton>
        }
      />
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
    </>
  )
}

type Context = { nowMs: number; ownId: string | undefined; onRevoke: (key: Key) => void }

const columnsFor = ({ nowMs, ownId, onRevoke }: Context): readonly Column<Key>[] => [
  {
    id: 'name',
    header: words.columns.name,
    width: 'minmax(12rem, 2fr)',
    sortValue: ({ name }) => name,
    cell: ({ id, name, owner }) => (
      <span className="inline-flex max-w-full items-center gap-1">
        <span className="truncate font-medium">{name}</span>
        <CopyButton value={id} what={id} />
        {owner && <span className="truncate text-xs text-soft">{owner.email ?? owner.id}</span>}
        {id === ownId && <span className="text-xs text-soft">{words.yours}</span>}
      </span>
    ),
  },
  {
    id: 'role',
    header: words.columns.role,
    width: '6rem',
    sortValue: ({ role }) => role,
    cell: ({ role }) => roleName(role),
  },
  latestFirst('created', ({ createdAtMs }) => createdAtMs),
  latestFirst('used', ({ lastUsedAtMs }) => lastUsedAtMs),
  latestFirst('expires', ({ expiresAtMs }) => expiresAtMs),
  stateColumn({
    header: words.columns.state,
    names: words.states,
    stateOf: (key: Key) => stateOf(key, nowMs),
  }),
  revokeColumn({
    verb: words.revoke,
    permission: 'key.write',
    isRevocable: (key) => key.revokedAtMs === undefined,
    onRevoke,
  }),
]

const latestFirst = (id: 'created' | 'used' | 'expires', ms: (key: Key) => number | undefined) =>
  timeColumn({ id, header: words.columns[id], ms, sortValue: (key) => -(ms(key) ?? 0) })

function stateOf({ revokedAtMs, expiresAtMs }: Key, nowMs: number): keyof typeof words.states {
  if (revokedAtMs !== undefined) return 'revoked'
  return expiresAtMs !== undefined && expiresAtMs <= nowMs ? 'expired' : 'good'
}
