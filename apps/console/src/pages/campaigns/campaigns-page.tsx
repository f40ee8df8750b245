/** Campaigns: the models that devices train on their own data. */
import type { Campaign } from '@skerry/contract/campaigns/campaign'
import { campaignLanguage } from '@skerry/core/language/campaign-language'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { GraduationCap } from 'lucide-react'
import { CreateButton } from '../../components/dialogs/create-button.tsx'
import { Instant } from '../../components/facts/instant.tsx'
import type { Column } from '../../components/rows/data-table.tsx'
import { ListPage } from '../../components/rows/list-page.tsx'
import { figureText, shareText } from '../captures/share-text.ts'
import { CampaignBadge } from './campaign-badge.tsx'
import { CampaignDialog } from './campaign-dialog.tsx'
import { campaignQueries } from './campaign-queries.ts'
import { campaignsTexts as words } from './english-campaigns.ts'

/** Renders the page at /campaigns. */
export function CampaignsPage() {
  const query = useQuery(campaignQueries.list())
  return (
    <ListPage
      words={words}
      query={query}
      columns={columns}
      rowKey={({ id }) => id}
      language={campaignLanguage}
      icon={GraduationCap}
      defaultSort="-started"
      actions={
        <>
          <Link
            to="/surveys"
            className="inline-flex h-8.5 items-center rounded-md border border-line-strong bg-surface px-3 text-sm font-medium hover:bg-raised"
          >
            {words.surveys}
          </Link>
          <CreateButton permission="campaign.write" label={words.create} dialog={CampaignDialog} />
        </>
      }
    />
  )
}

const columns: readonly Column<Campaign>[] = [
  {
    id: 'name',
    header: words.columns.name,
    width: 'minmax(10rem, 1.5fr)',
    sortValue: ({ spec }) => spec.name,
    cell: ({ spec: { name } }) => (
      <Link to="/campaigns/$name" params={{ name }} className="rounded font-medium hover:text-accent hover:underline">
        {name}
      </Link>
    ),
  },
  {
    id: 'state',
    header: words.columns.state,
    width: 'minmax(9rem, 1fr)',
    sortValue: ({ phase, isPaused }) => (isPaused ? 'paused' : phase),
    cell: (campaign) => <CampaignBadge campaign={campaign} isPlain />,
  },
  {
    id: 'round',
    header: words.columns.round,
    width: '7rem',
    isRight: true,
    sortValue: ({ round }) => round,
    cell: ({ round, spec }) => words.roundOf(round, spec.rounds),
  },
  {
    id: 'figure',
    header: words.columns.figure,
    width: '7rem',
    isRight: true,
    sortValue: ({ accuracy, error }) => accuracy ?? error ?? -1,
    cell: ({ accuracy, error }) => (error === undefined ? shareText(accuracy) : figureText(error)),
  },
  {
    id: 'model',
    header: words.columns.model,
    width: 'minmax(9rem, 1fr)',
    sortValue: ({ spec, baseVersion }) => `${spec.model} ${baseVersion}`,
    cell: ({ spec, baseVersion }) => <span className="truncate text-soft">{`${spec.model}:${baseVersion}`}</span>,
  },
  {
    id: 'started',
    header: words.columns.started,
    width: 'minmax(10rem, 1fr)',
    isRight: true,
    sortValue: ({ createdAtMs }) => createdAtMs,
    cell: ({ createdAtMs, createdBy }) => (
      <span className="truncate text-soft">
        <Instant ms={createdAtMs} /> {words.by(createdBy)}
      </span>
    ),
  },
]
