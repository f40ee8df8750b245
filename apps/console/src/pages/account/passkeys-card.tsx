/** Passkeys card: which authenticators sign for me, each renamed and removed from here. */
import type { Passkey } from '@skerry/contract/people/passkey'
import type { Account } from '@skerry/contract/people/user'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { Button } from '../../components/button.tsx'
import { Card } from '../../components/card.tsx'
import { Instant } from '../../components/facts/instant.tsx'
import { Failure, Loading } from '../../components/page-state.tsx'
import { PlainTable } from '../../components/rows/plain-table.tsx'
import { missingPasskeys } from '../../hub/passkeys.ts'
import { peopleQueries } from '../settings/people/people-queries.ts'
import { passkeyTexts } from './english-passkeys.ts'
import { AddPasskeyDialog, RemovePasskeyDialog, RenamePasskeyDialog } from './passkey-dialogs.tsx'

const words = passkeyTexts

type Open = { kind: 'add' } | { kind: 'rename' | 'remove'; passkey: Passkey }

export function PasskeysCard({ account }: { account: Account }) {
  const { data, error, refetch } = useQuery(peopleQueries.passkeys())
  const [open, setOpen] = useState<Open>()
  const close = () => setOpen(undefined)
  return (
    <Card
      isFlush
      title={words.title}
      aside={
        <Button
          isSmall
          blocked={account.isBound ? words.sessionBound : missingPasskeys()}
          onClick={() => setOpen({ kind: 'add' })}
        >
          {words.add}
        </Button>
      }
    >
      <p className="px-4 py-3 text-sm text-soft">{words.lead}</p>
      {!data && (error ? <Failure error={error} onRetry={() => void refetch()} /> : <Loading />)}
      {data?.length === 0 && <p className="px-4 pb-4 text-sm">{words.none}</p>}
      {data && data.length > 0 && <PasskeyTable passkeys={data} onOpen={setOpen} />}
      {open?.kind === 'add' && <AddPasskeyDialog onClose={close} />}
      {open?.kind === 'rename' && <RenamePasskeyDialog passkey={open.passkey} onClose={close} />}
      {open?.kind === 'remove' && (
        <RemovePasskeyDialog passkey={open.passkey} left={(data?.length ?? 1) - 1} onClose={close} />
      )}
    </Card>
  )
}

const PasskeyTable = ({ passkeys, onOpen }: { passkeys: readonly Passkey[]; onOpen: (open: Open) => void }) => (
  <PlainTable
    label={words.title}
    headers={[words.name, words.kind, words.added, words.used, words.actions]}
    rows={passkeys.map((passkey) => ({
      key: passkey.id,
      cells: [
        <span key="name" className="wrap-anywhere">
          {passkey.name}
        </span>,
        <span key="kind" className="whitespace-nowrap text-soft">
          {passkey.isSynced ? words.synced : words.bound}
        </span>,
        <Instant key="added" ms={passkey.createdAtMs} />,
        passkey.lastUsedAtMs === undefined ? words.never : <Instant key="used" ms={passkey.lastUsedAtMs} />,
        <span key="actions" className="inline-flex gap-2">
          <Button isSmall onClick={() => onOpen({ kind: 'rename', passkey })}>
            {words.rename}
          </Button>
          <Button isSmall look="danger" onClick={() => onOpen({ kind: 'remove', passkey })}>
            {words.remove}
          </Button>
        </span>,
      ],
    }))}
  />
)
