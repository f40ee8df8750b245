/** Rollouts: all of them, newest first, each with its progress. */
import type { Rollout, SilentDevices } from '@skerry/contract/rollouts/rollout'
import { rolloutLanguage } from '@skerry/core/language/row-language'
import { isEnded } from '@skerry/core/rollouts/rollout-state'
import { lateShownCounts, waveShownCounts } from '@skerry/core/rollouts/views/outcome-words'
import { silentWords } from '@skerry/core/rollouts/views/silent-words'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Waypoints } from 'lucide-react'
import { OutcomeBar, outcomeText } from '../../components/charts/outcome-bar.tsx'
import { RolloutBadge } from '../../components/facts/badge.tsx'
import { DeployButton } from '../../components/facts/deploy-button.tsx'
import { versionFactsTexts } from '../../components/facts/english-version-facts.ts'
import { Instant } from '../../components/facts/instant.tsx'
import { FailureTooltip } from '../../components/facts/rollout-failures.tsx'
import { RunningText } from '../../components/facts/version-facts.tsx'
import type { Column } from '../../components/rows/data-table.tsx'
import { ListPage } from '../../components/rows/list-page.tsx'
import { queries } from '../../hub/queries.ts'
import { texts } from '../../texts/english.ts'

const words = texts.rollouts

/** Renders the page at /rollouts. */
export function RolloutsPage() {
  return (
    <ListPage
      words={words}
      query={useQuery(queries.rollouts())}
      columns={columns}
      rowKey={({ id }) => id}
      language={rolloutLanguage}
      icon={Waypoints}
      defaultSort="-changed"
      actions={<DeployButton />}
    />
  )
}

function SilentText({ silent }: { silent: SilentDevices }) {
  const text = silentWords(silent, texts.common.number)
  return (
    <span className="truncate text-xs text-warn" title={text}>
      {text}
    </span>
  )
}

/** Columns with a rank disappear in a narrow table, those with the highest rank first. */
const columns: readonly Column<Rollout>[] = [
  {
    id: 'status',
    header: words.columns.status,
    width: '8rem',
    sortValue: ({ status }) => status,
    cell: ({ status, pausedBy, failures }) => (
      <FailureTooltip status={status} failures={failures}>
        <span>
          <RolloutBadge status={status} pausedBy={pausedBy} isPlain />
        </span>
      </FailureTooltip>
    ),
  },
  {
    id: 'deployment',
    header: words.columns.deployment,
    width: 'minmax(9rem, 1.5fr)',
    sortValue: ({ deployment, revision }) => `${deployment} ${revision}`,
    cell: ({ id, deployment, revision }) => (
      <Link
        to="/rollouts/$rollout"
        params={{ rollout: id }}
        className="rounded font-medium hover:text-accent hover:underline"
      >
        {deployment} <span className="font-normal text-soft">{words.revision(revision)}</span>
      </Link>
    ),
  },
  {
    id: 'version',
    header: words.columns.version,
    width: 'minmax(9rem, 1fr)',
    rank: 2,
    sortValue: ({ deployable: model, version }) => `${model} ${version}`,
    cell: ({ deployable: model, version }) => <span className="text-soft">{words.to(model, version)}</span>,
  },
  {
    id: 'progress',
    header: words.columns.progress,
    width: 'minmax(14rem, 2fr)',
    rank: 1,
    cell: (rollout) => {
      const counts = waveShownCounts(rollout)
      const late = lateShownCounts(rollout)
      return (
        <span className="flex w-full min-w-56 flex-col gap-0.5">
          <span className="flex items-center gap-3">
            <OutcomeBar counts={counts} className="w-24 shrink-0" />
            <span className="truncate text-xs text-soft">
              {[outcomeText(counts), ...(late ? [words.joinedLater(outcomeText(late))] : [])].join('; ')}
            </span>
          </span>
          {rollout.silent && <SilentText silent={rollout.silent} />}
        </span>
      )
    },
  },
  {
    id: 'running',
    header: versionFactsTexts.short,
    width: 'minmax(10rem, 2fr)',
    rank: 3,
    cell: (rollout) => <RunningText facts={rollout} isQuiet={isEnded(rollout)} />,
  },
  {
    id: 'wave',
    header: words.columns.wave,
    width: '4.5rem',
    rank: 5,
    isRight: true,
    cell: ({ wave, waves }) => <span className="text-soft">{`${wave + 1} / ${waves.length}`}</span>,
  },
  {
    id: 'changed',
    header: words.columns.changed,
    width: '7rem',
    rank: 4,
    isRight: true,
    sortValue: ({ changedAtMs }) => changedAtMs,
    cell: ({ changedAtMs }) => (
      <span className="text-soft">
        <Instant ms={changedAtMs} />
      </span>
    ),
  },
]
