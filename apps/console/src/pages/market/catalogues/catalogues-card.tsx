/** Catalogues card: the subscriptions and own catalogues, and the reason why an index is not in use. */
import { problemOf } from '@skerry/client/problem'
import type { Catalogue } from '@skerry/contract/market/catalogue'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { CircleCheck, Store, TriangleAlert } from 'lucide-react'
import { useState } from 'react'
import { GuardedButton } from '../../../components/button.tsx'
import { Card } from '../../../components/card.tsx'
import { Confirmation } from '../../../components/dialogs/confirmation.tsx'
import { Badge } from '../../../components/facts/badge.tsx'
import { Instant } from '../../../components/facts/instant.tsx'
import { Empty } from '../../../components/page-state.tsx'
import { PlainTable } from '../../../components/rows/plain-table.tsx'
import { toast } from '../../../components/toasts.tsx'
import { WaitingCard } from '../../../components/waiting-card.tsx'
import { hub } from '../../../hub/hub-client.ts'
import { marketTexts } from '../english-market.ts'
import { marketQueries } from '../market-queries.ts'
import { cataloguesTexts as words } from './english-catalogues.ts'
import { NewCatalogueDialog } from './new-catalogue-dialog.tsx'
import { SubscribeDialog } from './subscribe-dialog.tsx'

const { columns } = words

type Asked = 'create' | 'subscribe' | { removed: string }

export function CataloguesCard() {
  const { data, error, refetch } = useQuery(marketQueries.catalogues())
  const [asked, setAsked] = useState<Asked>()
  const close = () => setAsked(undefined)
  if (!data) return <WaitingCard error={error} retry={refetch} rows={3} />
  return (
    <>
      <Card title={marketTexts.tabs.catalogues} aside={<BeginButtons onAsk={setAsked} />} isFlush>
        {data.rows.length === 0 ? (
          <Empty icon={Store} title={marketTexts.empty} hint={marketTexts.emptyHint} />
        ) : (
          <PlainTable
            label={marketTexts.tabs.catalogues}
            headers={[columns.name, columns.index, columns.listings, columns.expires, columns.state, columns.actions]}
            rows={data.rows.map((row) => ({ key: row.name, cells: cellsOf(row, setAsked) }))}
            wideOnly={[columns.index, columns.listings]}
          />
        )}
      </Card>
      {asked === 'create' && <NewCatalogueDialog onClose={close} />}
      {asked === 'subscribe' && <SubscribeDialog present={data.rows} folders={data.folders} onClose={close} />}
      {typeof asked === 'object' && <Removal name={asked.removed} onClose={close} />}
    </>
  )
}

const BeginButtons = ({ onAsk }: { onAsk: (asked: Asked) => void }) => (
  <span className="inline-flex flex-wrap gap-2">
    <GuardedButton isSmall permission="market.write" onClick={() => onAsk('subscribe')}>
      {words.add}
    </GuardedButton>
    <GuardedButton isSmall permission="market.write" onClick={() => onAsk('create')}>
      {words.create}
    </GuardedButton>
  </span>
)

function cellsOf(row: Catalogue, onAsk: (asked: Asked) => void) {
  const { name, url, isOwn, version, listings, expiresAtMs, problem } = row
  return [
    <span key="name" className="flex flex-col py-1">
      <span className="font-medium">{name}</span>
      {isOwn && <span className="text-xs text-soft">{words.own}</span>}
      {url !== undefined && <span className="text-xs text-soft">{words.mirrored(url)}</span>}
    </span>,
    version ?? '–',
    listings,
    expiresAtMs === undefined ? '–' : <Instant key="expires" ms={expiresAtMs} />,
    problem ? (
      <span key="state" className="flex flex-col items-end gap-0.5 py-2">
        <Badge tone="bad" icon={TriangleAlert} isPlain>
          {words.problems[problem.code]}
        </Badge>
        <span className="max-w-96 text-left text-xs text-soft">{problem.message}</span>
      </span>
    ) : (
      <Badge key="state" tone="good" icon={CircleCheck} isPlain>
        {words.good}
      </Badge>
    ),
    <RowButtons key="actions" name={name} onRemove={() => onAsk({ removed: name })} />,
  ]
}

function RowButtons({ name, onRemove }: { name: string; onRemove: () => void }) {
  const client = useQueryClient()
  const refresh = async () => {
    try {
      await hub.catalogue.refresh({ name })
      toast('good', words.refreshed(name))
      await client.invalidateQueries({ queryKey: ['models', 'market'] })
    } catch (error) {
      toast('bad', problemOf(error).message)
    }
  }
  return (
    <span className="inline-flex flex-wrap justify-end gap-2 py-1.5">
      <GuardedButton
        isSmall
        permission="market.write"
        aria-label={`${words.refresh} ${name}`}
        onClick={() => void refresh()}
      >
        {words.refresh}
      </GuardedButton>
      <GuardedButton
        isSmall
        look="danger"
        permission="market.write"
        aria-label={`${words.remove} ${name}`}
        onClick={onRemove}
      >
        {words.remove}
      </GuardedButton>
    </span>
  )
}

function Removal({ name, onClose }: { name: string; onClose: () => void }) {
  const client = useQueryClient()
  const remove = async () => {
    await hub.catalogue.remove({ name })
    await client.invalidateQueries({ queryKey: ['models', 'market'] })
  }
  return (
    <Confirmation
      title={words.removeTitle(name)}
      lead={words.removeLead}
      verb={words.remove}
      isDanger
      run={remove}
      done={words.removed(name)}
      onClose={onClose}
    />
  )
}
