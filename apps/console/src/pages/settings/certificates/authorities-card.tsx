/** Authorities card: who signs the certificates of devices, and where a change of it stands; begun, and ended, from here. */
import { problemOf } from '@skerry/client/problem'
import type { Authority, AuthorityOverview, AuthorityState } from '@skerry/contract/authorities/authority'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { GuardedButton } from '../../../components/button.tsx'
import { Card } from '../../../components/card.tsx'
import { Badge } from '../../../components/facts/badge.tsx'
import { Copyable, shortDigest } from '../../../components/facts/copyable.tsx'
import { LookAgain } from '../../../components/facts/delivery-facts.tsx'
import { Instant } from '../../../components/facts/instant.tsx'
import type { Tone } from '../../../components/facts/tones.ts'
import { Failure, Loading } from '../../../components/page-state.tsx'
import { PlainTable } from '../../../components/rows/plain-table.tsx'
import { number } from '../../../texts/count.ts'
import { authorityTexts as words } from '../../approvals/english-rules.ts'
import { settingsQueries } from '../settings-queries.ts'
import { type AskedOfAuthority, AuthorityQuestion } from './authority-question.tsx'

const TONES: Readonly<Record<AuthorityState, Tone>> = {
  requested: 'idle',
  ready: 'busy',
  active: 'good',
  trusted: 'warn',
  retired: 'idle',
}

/** The card. */
export function AuthoritiesCard() {
  const query = useQuery(settingsQueries.authorities())
  const { data, error, refetch } = query
  const [asked, setAsked] = useState<AskedOfAuthority>()
  return (
    <Card title={words.title} aside={data && <LookAgain query={query} />} isFlush>
      {!data && (error ? <Refused error={error} onRetry={() => void refetch()} /> : <Loading />)}
      {data && <Overview overview={data} onAsk={setAsked} />}
      {data && asked && <AuthorityQuestion asked={asked} overview={data} onClose={() => setAsked(undefined)} />}
    </Card>
  )
}

/** Where it is for operators, to others there is none. */
const Refused = ({ error, onRetry }: { error: unknown; onRetry: () => void }) =>
  problemOf(error).code === 'authority_unknown' ? (
    <p className="p-4 text-sm text-soft">{words.elsewhere}</p>
  ) : (
    <Failure error={error} onRetry={onRetry} />
  )

type OverviewProps = { overview: AuthorityOverview; onAsk: (asked: AskedOfAuthority) => void }

function Overview({ overview: { authorities }, onAsk }: OverviewProps) {
  const { columns } = words
  return (
    <>
      <div className="flex flex-wrap items-start justify-between gap-3 border-b border-line p-4 text-sm">
        <div className="flex max-w-prose flex-col gap-1">
          <p className="font-medium" role="status">
            {standing(authorities)}
          </p>
          <p className="text-soft">{words.lead}</p>
          <p className="text-soft">{words.csr}</p>
        </div>
        <GuardedButton permission="hub.write" onClick={() => onAsk({ act: 'rotate' })}>
          {words.rotate}
        </GuardedButton>
      </div>
      <PlainTable
        label={words.title}
        headers={[columns.id, columns.state, columns.devices, columns.fingerprint, columns.ends, columns.acts]}
        rows={authorities.map((authority) => ({ key: authority.id, cells: cellsOf(authority, onAsk) }))}
      />
    </>
  )
}

/** Where a rotation stands, in one sentence. */
function standing(authorities: readonly Authority[]): string {
  const before = authorities.filter(({ state }) => state === 'trusted')
  if (before.length === 0) return words.alone
  const left = before.reduce((sum, { devices }) => sum + devices, 0)
  return left === 0 ? words.moved : words.moving(left)
}

function cellsOf(authority: Authority, ask: (asked: AskedOfAuthority) => void) {
  const { id, state, subject, devices, fingerprint, notAfterMs } = authority
  return [
    <span key="id" className="flex flex-col py-2">
      <span className="font-medium wrap-anywhere">{subject ?? words.unsigned}</span>
      <code className="font-mono text-xs text-soft">{id}</code>
    </span>,
    <Badge key="state" tone={TONES[state]} isPlain>
      {words.states[state]}
    </Badge>,
    <span key="devices" className="tabular">
      {number.format(devices)}
    </span>,
    fingerprint !== undefined && (
      <Copyable key="print" value={fingerprint} shown={shortDigest(fingerprint)} what={words.columns.fingerprint} />
    ),
    notAfterMs !== undefined && <Instant key="ends" ms={notAfterMs} className="tabular whitespace-nowrap" />,
    <span key="acts" className="inline-flex gap-1.5">
      {state === 'trusted' && (
        <GuardedButton
          isSmall
          look="danger"
          permission="hub.write"
          aria-label={words.retireLabel(id)}
          onClick={() => ask({ act: 'retire', authority })}
        >
          {words.retire}
        </GuardedButton>
      )}
      {(state === 'requested' || state === 'ready') && (
        <GuardedButton
          isSmall
          look="danger"
          permission="hub.write"
          aria-label={words.cancelLabel(id)}
          onClick={() => ask({ act: 'cancel', authority })}
        >
          {words.cancel}
        </GuardedButton>
      )}
    </span>,
  ]
}
