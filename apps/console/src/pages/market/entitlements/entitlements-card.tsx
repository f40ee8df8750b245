/** Entitlements card: the signed documents of publishers with their ends, and the emergency periods of devices. */
import type { EmergencyPeriod, Entitlement, EntitlementState } from '@skerry/contract/market/entitlement'
import { useQuery } from '@tanstack/react-query'
import { KeyRound } from 'lucide-react'
import { useState } from 'react'
import { GuardedButton } from '../../../components/button.tsx'
import { Card } from '../../../components/card.tsx'
import { Badge } from '../../../components/facts/badge.tsx'
import { Instant } from '../../../components/facts/instant.tsx'
import { Empty } from '../../../components/page-state.tsx'
import { PlainTable } from '../../../components/rows/plain-table.tsx'
import { WaitingCard } from '../../../components/waiting-card.tsx'
import { marketTexts } from '../english-market.ts'
import { marketQueries } from '../market-queries.ts'
import { AddEntitlementDialog } from './add-entitlement-dialog.tsx'
import { EmergencyDialog } from './emergency-dialog.tsx'
import { entitlementsTexts as words } from './english-entitlements.ts'

const { columns, emergencyColumns } = words

type Asked = 'add' | 'emergency'

export function EntitlementsCard() {
  const { data, error, refetch } = useQuery(marketQueries.entitlements())
  const [asked, setAsked] = useState<Asked>()
  const close = () => setAsked(undefined)
  if (!data) return <WaitingCard error={error} retry={refetch} rows={3} />
  return (
    <div className="flex flex-col gap-4">
      <Card title={marketTexts.tabs.entitlements} aside={<BeginButtons onAsk={setAsked} />} isFlush>
        <p className="border-b border-line px-4 py-3 text-sm text-soft">{words.lead}</p>
        {data.rows.length === 0 ? (
          <Empty icon={KeyRound} title={words.empty} hint={words.emptyHint} />
        ) : (
          <PlainTable
            label={marketTexts.tabs.entitlements}
            headers={[columns.listing, columns.devices, columns.until, columns.state]}
            rows={data.rows.map((row) => ({ key: row.digest, cells: cellsOf(row) }))}
          />
        )}
      </Card>
      {data.emergencies.length > 0 && <Emergencies rows={data.emergencies} />}
      {asked === 'add' && <AddEntitlementDialog onClose={close} />}
      {asked === 'emergency' && <EmergencyDialog onClose={close} />}
    </div>
  )
}

const BeginButtons = ({ onAsk }: { onAsk: (asked: Asked) => void }) => (
  <span className="inline-flex flex-wrap gap-2">
    <GuardedButton isSmall permission="market.install" onClick={() => onAsk('emergency')}>
      {words.emergency}
    </GuardedButton>
    <GuardedButton isSmall permission="market.write" onClick={() => onAsk('add')}>
      {words.add}
    </GuardedButton>
  </span>
)

const TONES = {
  valid: 'good',
  ending: 'warn',
  grace: 'warn',
  ended: 'bad',
  untrusted: 'bad',
} as const satisfies Record<EntitlementState, string>

const cellsOf = ({ listing, devices, untilMs, state, trial, notice }: Entitlement) => [
  <span key="listing" className="inline-flex items-center gap-2">
    <span className="font-medium">{listing}</span>
    {trial && <Badge tone="busy">{words.trial}</Badge>}
  </span>,
  devices,
  untilMs === undefined ? words.forEver : <Instant key="until" ms={untilMs} />,
  <span key="state" className="flex flex-col items-end gap-0.5 py-2">
    <Badge tone={TONES[state]} isPlain>
      {words.states[state]}
    </Badge>
    {notice !== undefined && <span className="max-w-80 text-left text-xs text-soft">{notice}</span>}
  </span>,
]

const Emergencies = ({ rows }: { rows: readonly EmergencyPeriod[] }) => (
  <Card title={words.emergencies} isFlush>
    <PlainTable
      label={words.emergencies}
      headers={[emergencyColumns.device, emergencyColumns.listing, emergencyColumns.until, emergencyColumns.reason]}
      rightCount={0}
      rows={rows.map(({ device, listing, untilMs, reason }) => ({
        key: `${device} ${listing}`,
        cells: [device, listing, <Instant key="until" ms={untilMs} />, reason],
      }))}
    />
  </Card>
)
