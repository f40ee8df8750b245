/** Models: all of them, each with its newest version and its aliases. */
import type { Model } from '@skerry/contract/models/model'
import { modelLanguage } from '@skerry/core/language/row-language'
import { versionCountWords } from '@skerry/core/rollouts/views/version-words'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Boxes, Rss, Upload } from 'lucide-react'
import { CopyButton } from '../../components/facts/copyable.tsx'
import { DeployButton } from '../../components/facts/deploy-button.tsx'
import { Instant } from '../../components/facts/instant.tsx'
import type { Column } from '../../components/rows/data-table.tsx'
import { ListPage } from '../../components/rows/list-page.tsx'
import { queries } from '../../hub/queries.ts'
import { kindRow } from '../../kinds/kinds.ts'
import { texts } from '../../texts/english.ts'
import { AliasTags } from './alias-tags.tsx'
import { BUTTON_LINK } from './button-link.ts'
import { modelTexts } from './english-models.ts'
import { LatestVersion } from './latest-version.tsx'

const words = texts.models

/** Renders the page at /models. */
export function ModelsPage() {
  return (
    <ListPage
      words={words}
      query={useQuery(queries.models())}
      columns={columns}
      rowKey={({ name }) => name}
      language={modelLanguage}
      icon={Boxes}
      empty={{ hint: <PushHint />, action: <UploadLink /> }}
      defaultSort="name"
      actions={
        <>
          <Link to="/model-feeds" className={BUTTON_LINK.plain}>
            <Rss size={15} aria-hidden />
            {modelTexts.imports}
          </Link>
          <DeployButton look="plain" />
          <UploadLink />
        </>
      }
    />
  )
}

const UploadLink = () => (
  <Link to="/models/upload" search={{}} className={BUTTON_LINK.primary}>
    <Upload size={15} aria-hidden />
    {words.upload}
  </Link>
)

/** A command is the quickest answer to "and now?". */
const PUSH_COMMAND = 'skerry model push model.onnx --name NAME'

const PushHint = () => (
  <>
    {words.emptyHint}
    <span className="mt-3 flex items-center justify-center gap-1">
      <code className="rounded-md bg-raised px-2.5 py-1 font-mono text-xs text-text">{PUSH_COMMAND}</code>
      <CopyButton value={PUSH_COMMAND} what={PUSH_COMMAND} />
    </span>
  </>
)

const runningText = (running: NonNullable<Model['running']>) =>
  running.length === 0
    ? modelTexts.list.nowhere
    : versionCountWords({ versions: running, none: 0 }, [], texts.common.number)

const Running = ({ text }: { text: string }) => (
  <span className="truncate text-soft" title={text}>
    {text}
  </span>
)

/** Columns with a rank disappear in a narrow table, those with the highest rank first. */
const columns: readonly Column<Model>[] = [
  {
    id: 'name',
    header: words.columns.name,
    width: 'minmax(9rem, 2fr)',
    sortValue: ({ name }) => name,
    cell: ({ name }) => (
      <Link
        to="/models/$model"
        params={{ model: name }}
        className="rounded font-medium hover:text-accent hover:underline"
      >
        {name}
      </Link>
    ),
  },
  {
    id: 'running',
    header: modelTexts.list.running,
    width: 'minmax(9rem, 2fr)',
    rank: 1,
    sortValue: ({ running = [] }) => -running.reduce((sum, { devices }) => sum + devices, 0),
    cell: ({ running }) => running && <Running text={runningText(running)} />,
  },
  {
    id: 'aliases',
    header: words.columns.aliases,
    width: 'minmax(12rem, 2fr)',
    rank: 3,
    cell: ({ aliases }) => <AliasTags aliases={aliases} />,
  },
  {
    id: 'kind',
    header: words.columns.kind,
    width: '6rem',
    rank: 5,
    sortValue: ({ kind }) => kind,
    cell: ({ kind }) => <span className="text-soft">{kindRow(kind).noun}</span>,
  },
  {
    id: 'latest',
    header: words.columns.latest,
    width: '8rem',
    rank: 2,
    sortValue: ({ latestVersion }) => latestVersion ?? 0,
    cell: ({ name, latestVersion }) => <LatestVersion name={name} version={latestVersion} label={words.version} />,
  },
  {
    id: 'versions',
    header: words.columns.versions,
    width: '6rem',
    rank: 4,
    isRight: true,
    sortValue: ({ versionCount }) => versionCount,
    cell: ({ versionCount }) => versionCount,
  },
  {
    id: 'created',
    header: words.columns.created,
    width: '7rem',
    rank: 6,
    isRight: true,
    sortValue: ({ createdAtMs }) => -createdAtMs,
    cell: ({ createdAtMs }) => (
      <span className="text-soft">
        <Instant ms={createdAtMs} />
      </span>
    ),
  },
]
