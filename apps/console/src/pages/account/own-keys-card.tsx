/** Own keys: the command lines that act as me, each ended from here. Nothing where there are none. */
import type { Key } from '@skerry/contract/people/key'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { Button } from '../../components/button.tsx'
import { Card } from '../../components/card.tsx'
import { Confirmation } from '../../components/dialogs/confirmation.tsx'
import { Instant } from '../../components/facts/instant.tsx'
import { PlainTable } from '../../components/rows/plain-table.tsx'
import { hub } from '../../hub/hub-client.ts'
import { peopleQueries } from '../settings/people/people-queries.ts'
import { accountTexts } from './english-account.ts'

const words = accountTexts.keys

export function OwnKeysCard() {
  const { data } = useQuery(peopleQueries.ownKeys())
  const [ended, setEnded] = useState<Key>()
  const open = data?.filter(({ revokedAtMs }) => revokedAtMs === undefined) ?? []
  if (open.length === 0) return null
  return (
    <Card isFlush title={words.title}>
      <PlainTable
        label={words.title}
        headers={[words.name, words.since, words.used, words.ends, words.end]}
        rows={open.map((key) => ({
          key: key.id,
          cells: [
            <span key="name" className="wrap-anywhere">
              {key.name}
            </span>,
            <Instant key="since" ms={key.createdAtMs} />,
            <Instant key="used" ms={key.lastUsedAtMs} />,
            <Instant key="ends" ms={key.expiresAtMs} />,
            <Button key="end" isSmall look="danger" onClick={() => setEnded(key)}>
              {words.end}
            </Button>,
          ],
        }))}
      />
      {ended && (
        <Confirmation
          title={words.endTitle(ended.name)}
          lead={words.endLead}
          verb={words.end}
          isDanger
          run={() => hub.account.revokeKey({ key: ended.id })}
          done={words.ended}
          onClose={() => setEnded(undefined)}
        />
      )}
    </Card>
  )
}
