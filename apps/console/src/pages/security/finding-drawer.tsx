/** Finding drawer: one finding: about whom, why, the records behind it, what the hub did, and the answer to it. */
import { problemOf } from '@skerry/client/problem'
import type { Intrusion } from '@skerry/contract/intrusion/intrusion'
import { IntrusionId } from '@skerry/contract/values/ids'
import { intrusionSeverity } from '@skerry/core/alerts/intrusion-alert'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { ShieldCheck } from 'lucide-react'
import { Facts } from '../../components/card.tsx'
import { Drawer } from '../../components/dialogs/drawer.tsx'
import { SeverityMark } from '../../components/facts/alert-marks.tsx'
import { Copyable } from '../../components/facts/copyable.tsx'
import { Instant } from '../../components/facts/instant.tsx'
import { Empty, Failure, Loading } from '../../components/page-state.tsx'
import { texts } from '../../texts/english.ts'
import { securityTexts as words } from './english-security.ts'
import { Evidence } from './evidence.tsx'
import { FindingActions } from './finding-actions.tsx'
import { intrusionQueries } from './intrusion-queries.ts'

/** The drawer; the finding may be any, whatever the list shows. */
export function FindingDrawer({ id, onClose }: { id: string; onClose: () => void }) {
  const known = IntrusionId.safeParse(id).data
  const { data, error, refetch } = useQuery({ ...intrusionQueries.one(known), enabled: known !== undefined })
  const isUnknown = known === undefined || (error !== null && problemOf(error).code === 'intrusion_unknown')
  return (
    <Drawer title={data ? words.ruleName(data.rule) : words.facts.id} onClose={onClose}>
      {isUnknown && <Empty icon={ShieldCheck} title={words.unknown} />}
      {error && !isUnknown ? <Failure error={error} onRetry={() => void refetch()} /> : null}
      {!data && !error && !isUnknown && <Loading rows={6} />}
      {data && <FindingView finding={data} />}
    </Drawer>
  )
}

function FindingView({ finding }: { finding: Intrusion }) {
  const { rule, subject, status, score, threshold, count, firstMs, lastMs, response, closed, id } = finding
  const means = useQuery(intrusionQueries.rules()).data?.find((each) => each.rule === rule)?.means
  const { facts, columns } = words
  return (
    <div className="flex flex-col gap-5">
      {means !== undefined && <p className="text-sm first-letter:uppercase">{means}.</p>}
      <Facts
        rows={[
          [columns.status, words.statuses[status]],
          [facts.severity, <Severity key="severity" rule={rule} />],
          [columns.subject, <Subject key="subject" subject={subject} />],
          [columns.score, words.score(score, threshold)],
          [
            facts.signs,
            <span key="signs">
              {words.signs(count)}
              <Instant ms={firstMs} isAbsolute />
              {words.to}
              <Instant ms={lastMs} isAbsolute />
            </span>,
          ],
          [facts.response, words.responseText(response)],
          ...(closed ? [[facts.closed, <Closed key="closed" {...closed} />] as const] : []),
          [facts.id, <Copyable key="id" value={id} what={facts.id} />],
        ]}
      />
      <FindingActions finding={finding} />
      <Evidence finding={finding} />
    </div>
  )
}

function Severity({ rule }: Pick<Intrusion, 'rule'>) {
  const severity = intrusionSeverity(rule)
  return (
    <span className="inline-flex items-center gap-2">
      <SeverityMark severity={severity} />
      {texts.alerts.severity[severity]}
    </span>
  )
}

const Closed = ({ by, atMs, reason }: NonNullable<Intrusion['closed']>) => (
  <span>
    {words.by(by)}
    <Instant ms={atMs} isAbsolute />: {reason}
  </span>
)

/** Who or what it is about, where that is to be seen, and what it did. */
function Subject({ subject: { kind, id, name } }: Pick<Intrusion, 'subject'>) {
  const link = 'rounded text-xs text-accent hover:underline'
  return (
    <span className="inline-flex min-w-0 flex-wrap items-center gap-x-2">
      {words.kinds[kind] ?? kind} {name || id}
      {kind === 'device' && (
        <Link to="/devices/$device" params={{ device: name || id }} className={link}>
          {words.show}
        </Link>
      )}
      {(kind === 'key' || kind === 'user') && (
        <Link to="/settings" search={{ tab: kind === 'key' ? 'keys' : 'people', q: id }} className={link}>
          {words.show}
        </Link>
      )}
      <Link to="/audit" search={{ actor: id }} className={link}>
        {words.allDone}
      </Link>
    </span>
  )
}
