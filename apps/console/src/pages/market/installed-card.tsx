/** Installed card: the installations, their upgrades, and their removal. */
import { carryOut } from '@skerry/client/market/carry-out'
import type { Installation } from '@skerry/contract/market/installation'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { PackageOpen } from 'lucide-react'
import { useState } from 'react'
import { GuardedButton } from '../../components/button.tsx'
import { Card } from '../../components/card.tsx'
import { Confirmation } from '../../components/dialogs/confirmation.tsx'
import { Badge } from '../../components/facts/badge.tsx'
import { Empty } from '../../components/page-state.tsx'
import { PlainTable } from '../../components/rows/plain-table.tsx'
import { WaitingCard } from '../../components/waiting-card.tsx'
import { hub } from '../../hub/hub-client.ts'
import { marketTexts } from './english-market.ts'
import { marketQueries } from './market-queries.ts'

const words = marketTexts.installed
const { columns } = words

export function InstalledCard() {
  const { data, error, refetch } = useQuery(marketQueries.installations())
  const [removed, setRemoved] = useState<string>()
  if (!data) return <WaitingCard error={error} retry={refetch} rows={3} />
  if (data.length === 0)
    return (
      <Card>
        <Empty icon={PackageOpen} title={words.empty} hint={words.emptyHint} />
      </Card>
    )
  const rows = data.map((row) => ({ key: row.name, cells: cellsOf(row, () => setRemoved(row.name)) }))
  return (
    <>
      <Card isFlush>
        <PlainTable
          label={marketTexts.tabs.installed}
          headers={[columns.name, columns.listing, columns.version, columns.devices, columns.state, columns.actions]}
          rows={rows}
          wideOnly={[columns.listing, columns.version, columns.devices]}
        />
      </Card>
      {removed !== undefined && <Removal name={removed} onClose={() => setRemoved(undefined)} />}
    </>
  )
}

function cellsOf(row: Installation, onRemove: () => void) {
  const { name, catalogue, listing, title, version, state, upgrade, notice, usage } = row
  const params = { catalogue, listing }
  const again = upgrade === undefined && state === 'installing' ? words.repeat : undefined
  return [
    <Link key="name" to="/market/$catalogue/$listing" params={params} className="rounded font-medium hover:text-accent">
      {name}
    </Link>,
    title,
    version,
    usage ? words.healthy(usage.devices, usage.healthy) : '–',
    <span key="state" className="flex flex-col gap-0.5 py-2">
      <Badge tone={state === 'installed' ? 'good' : 'warn'} isPlain>
        {words.states[state]}
      </Badge>
      {notice !== undefined && <span className="max-w-80 text-xs text-warn">{notice}</span>}
    </span>,
    <span key="actions" className="inline-flex flex-wrap items-center justify-end gap-2 py-1.5">
      {(upgrade !== undefined || again !== undefined) && (
        <Link
          to="/market/$catalogue/$listing/install"
          params={params}
          search={{ as: name, version: upgrade ?? version }}
          className="inline-flex h-7 items-center rounded-md bg-accent px-2 text-xs font-medium text-on-accent hover:bg-accent-strong"
        >
          {upgrade === undefined ? again : words.upgrade(upgrade)}
        </Link>
      )}
      <GuardedButton
        permission="market.install"
        isSmall
        look="danger"
        aria-label={`${words.remove} ${name}`}
        onClick={onRemove}
      >
        {words.remove}
      </GuardedButton>
    </span>,
  ]
}

function Removal({ name, onClose }: { name: string; onClose: () => void }) {
  const client = useQueryClient()
  const remove = async () => {
    // The steps go on if the person leaves the page; an interruption is visible, and can be repeated.
    const { signal } = new AbortController()
    const { steps } = await hub.market.uninstall({ name })
    await carryOut(hub, { name, steps }, () => undefined, signal)
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
