/** Vulnerabilities: the imported advisories that match parts of versions, the most urgent first. */
import type { Vulnerability } from '@skerry/contract/vulnerabilities/vulnerability'
import { vulnerabilityLanguage } from '@skerry/core/language/vulnerability-language'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Bug, Scale, Upload } from 'lucide-react'
import { useState } from 'react'
import { GuardedButton } from '../../components/button.tsx'
import { Page } from '../../components/card.tsx'
import { CopyButton } from '../../components/facts/copyable.tsx'
import { Instant } from '../../components/facts/instant.tsx'
import { Hidden } from '../../components/hidden.tsx'
import type { Column } from '../../components/rows/data-table.tsx'
import { ListPage } from '../../components/rows/list-page.tsx'
import { useRefusal } from '../../hub/permission.ts'
import { vulnerabilitiesTexts as words } from './english-vulnerabilities.ts'
import { ImportDialog } from './import-dialog.tsx'
import { partText } from './part-text.ts'
import { RulesDialog } from './rules-dialog.tsx'
import { SeverityBadge, StateBadge } from './vulnerability-marks.tsx'
import { vulnerabilityQueries } from './vulnerability-queries.ts'

/** Renders the page at /vulnerabilities. */
export function VulnerabilitiesPage() {
  const refusal = useRefusal('model.read', 'vulnerability.list')
  if (refusal === undefined) return <Vulnerabilities />
  return (
    <Page title={words.title}>
      <Hidden reason={refusal} />
    </Page>
  )
}

function Vulnerabilities() {
  const query = useQuery(vulnerabilityQueries.list())
  const [isImporting, setImporting] = useState(false)
  const [isRuling, setRuling] = useState(false)
  return (
    <>
      <ListPage
        words={words}
        query={query}
        columns={columns}
        rowKey={({ id }) => id}
        language={vulnerabilityLanguage}
        icon={Bug}
        empty={{ hint: <ImportHint /> }}
        defaultSort="state"
        actions={
          <>
            <GuardedButton permission="trust.write" onClick={() => setRuling(true)}>
              <Scale size={15} aria-hidden />
              {words.rules.open}
            </GuardedButton>
            <GuardedButton permission="vulnerability.write" onClick={() => setImporting(true)}>
              <Upload size={15} aria-hidden />
              {words.import}
            </GuardedButton>
          </>
        }
      />
      {isRuling && <RulesDialog onClose={() => setRuling(false)} />}
      {isImporting && <ImportDialog onClose={() => setImporting(false)} />}
    </>
  )
}

const ImportHint = () => (
  <>
    {words.emptyHint}
    <Command text={words.importCommand} />
    <span className="mt-3 block">{words.parts}</span>
    <Command text={words.partsCommand} />
  </>
)

const Command = ({ text }: { text: string }) => (
  <span className="mt-3 flex items-center justify-center gap-1">
    <code className="rounded-md bg-raised px-2.5 py-1 font-mono text-xs wrap-anywhere text-text">{text}</code>
    <CopyButton value={text} what={text} />
  </span>
)

/** The texts stand in the order of urgency. */
const STATES = Object.keys(words.states)
const SEVERITIES = Object.keys(words.severities)

/** The order of the hub: by state, then by severity. More devices come first. */
const urgencyOf = ({ state, severity, devices }: Vulnerability) =>
  `${STATES.indexOf(state)} ${SEVERITIES.indexOf(severity)} ${DEVICES_MAX - devices}`

/** More than any fleet has. */
const DEVICES_MAX = 1_000_000_000

const columns: readonly Column<Vulnerability>[] = [
  {
    id: 'id',
    header: words.columns.id,
    width: 'minmax(11rem, 1.5fr)',
    sortValue: ({ id }) => id,
    cell: ({ id, summary }) => (
      <>
        <Link
          to="/vulnerabilities/$vulnerability"
          params={{ vulnerability: id }}
          className="rounded font-medium hover:text-accent hover:underline"
        >
          {id}
        </Link>{' '}
        <span className="text-soft">{summary}</span>
      </>
    ),
  },
  {
    id: 'state',
    header: words.columns.state,
    width: 'minmax(6.5rem, 0.8fr)',
    sortValue: urgencyOf,
    cell: ({ state, accepted }) => (
      <>
        <StateBadge state={state} />
        {state === 'accepted' && accepted && (
          <span className="text-xs text-soft">
            {' '}
            {words.until} <Instant ms={accepted.untilMs} />
          </span>
        )}
      </>
    ),
  },
  {
    id: 'severity',
    header: words.columns.severity,
    width: '7rem',
    sortValue: ({ severity }) => SEVERITIES.indexOf(severity),
    cell: ({ severity, score }) => <SeverityBadge severity={severity} score={score} />,
  },
  {
    id: 'part',
    header: words.columns.part,
    width: 'minmax(9rem, 1fr)',
    rank: 2,
    sortValue: ({ parts: [first = ''] }) => partText(first),
    cell: ({ parts }) => <span className="text-soft">{parts.map(partText).join(', ')}</span>,
  },
  {
    id: 'versions',
    header: words.columns.versions,
    width: '5rem',
    isRight: true,
    rank: 3,
    sortValue: ({ versions }) => versions,
    cell: ({ versions }) => versions,
  },
  {
    id: 'devices',
    header: words.columns.devices,
    width: '5rem',
    isRight: true,
    rank: 1,
    sortValue: ({ devices }) => devices,
    cell: ({ devices }) => devices,
  },
]
