/** Builds table: the version and its builds, each with its size and fidelity. A build can be deployed and removed. */
import type { Build } from '@skerry/contract/builds/build'
import type { ModelVersionDetail } from '@skerry/contract/models/model'
import { modelBytesOf } from '@skerry/core/builds/model-bytes'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { useMemo } from 'react'
import { Card } from '../../components/card.tsx'
import { sizeText } from '../../components/charts/amounts.ts'
import { DeployButton } from '../../components/facts/deploy-button.tsx'
import { Instant } from '../../components/facts/instant.tsx'
import { type Column, DataTable } from '../../components/rows/data-table.tsx'
import { nameOfBuild, VERSION_KEY } from './build-forms.ts'
import { buildTexts } from './english-builds.ts'
import { agreementText, differenceText, shareText, worstOf } from './fidelity-text.ts'
import { RemoveBuild } from './remove-build.tsx'

const words = buildTexts.list
const { columns } = words

type TableProps = { version: ModelVersionDetail; builds: readonly Build[] }

/** The version itself has no build. */
type TableRow = {
  key: string
  name: string
  model: string
  version: string
  build: Build | undefined
  bytes: number
  wholeBytes: number
  agreement: number | undefined
  difference: number | undefined
  by: string
  atMs: number
}

export function BuildsTable({ version, builds }: TableProps) {
  const { sort } = useSearch({ from: '/inside/models/$model/versions/$version/builds' })
  const navigate = useNavigate({ from: '/models/$model/versions/$version/builds' })
  const rows = useMemo(() => rowsOf(version, builds), [version, builds])
  return (
    <Card title={words.title} isFlush>
      <DataTable
        label={words.title}
        className="max-h-[34rem]"
        rows={rows}
        columns={COLUMNS}
        rowKey={({ key }) => key}
        sort={sort ?? 'size'}
        onSort={(next) => void navigate({ search: (before) => ({ ...before, sort: next }), replace: true })}
      />
    </Card>
  )
}

function rowsOf(version: ModelVersionDetail, builds: readonly Build[]): TableRow[] {
  const wholeBytes = modelBytesOf(version.files)
  const common = { model: version.name, version: String(version.version), wholeBytes }
  return [
    {
      ...common,
      key: VERSION_KEY,
      name: words.version,
      build: undefined,
      bytes: wholeBytes,
      agreement: 1,
      difference: 0,
      by: version.createdBy,
      atMs: version.createdAtMs,
    },
    ...builds.map((build) => ({
      ...common,
      key: build.id,
      name: nameOfBuild(build, builds),
      build,
      bytes: modelBytesOf(build.files),
      ...worstOf(build.fidelity),
      by: build.createdBy,
      atMs: build.createdAtMs,
    })),
  ]
}

const COLUMNS: readonly Column<TableRow>[] = [
  {
    id: 'build',
    header: columns.build,
    width: 'minmax(8rem, 2fr)',
    sortValue: ({ name }) => name,
    cell: ({ key, name, build }) =>
      build ? <DetailsButton id={key} name={name} /> : <span className="font-medium">{name}</span>,
  },
  {
    id: 'size',
    header: columns.size,
    width: 'minmax(4.5rem, 1fr)',
    rank: 1,
    sortValue: ({ bytes }) => bytes,
    cell: ({ bytes }) => sizeText(bytes),
  },
  {
    id: 'share',
    header: columns.share,
    width: 'minmax(6rem, 1fr)',
    rank: 3,
    sortValue: ({ bytes }) => bytes,
    cell: ({ bytes, wholeBytes, build }) => (build ? shareText(bytes, wholeBytes) : '1'),
  },
  {
    id: 'agreement',
    header: columns.agreement,
    width: 'minmax(6rem, 1fr)',
    rank: 2,
    sortValue: ({ agreement }) => agreement ?? -1,
    cell: ({ agreement, build }) => (build ? agreementText(agreement) : words.exact),
  },
  {
    id: 'difference',
    header: columns.difference,
    width: 'minmax(6rem, 1fr)',
    rank: 4,
    sortValue: ({ difference }) => difference ?? Number.POSITIVE_INFINITY,
    cell: ({ difference, build }) => (build ? differenceText(difference) : words.exact),
  },
  {
    id: 'by',
    header: columns.by,
    width: 'minmax(6rem, 1fr)',
    rank: 6,
    sortValue: ({ by }) => by,
    cell: ({ by }) => by,
  },
  {
    id: 'when',
    header: columns.when,
    width: 'minmax(5rem, 1fr)',
    rank: 5,
    sortValue: ({ atMs }) => -atMs,
    cell: ({ atMs }) => <Instant ms={atMs} />,
  },
  {
    id: 'deploy',
    header: columns.deploy,
    width: '4.5rem',
    isRight: true,
    cell: ({ name, model, version, build }) => (
      <DeployButton
        search={{ model, version, ...(build && { build: build.id }) }}
        look="plain"
        isSmall
        text={words.deploy}
        label={words.deployLabel(name)}
      />
    ),
  },
  {
    id: 'remove',
    header: columns.remove,
    width: '5rem',
    rank: 7,
    isRight: true,
    cell: ({ name, build }) => build && <RemoveBuild build={build} name={name} />,
  },
]

/** Opens the drawer with the details. The address keeps it open. */
function DetailsButton({ id, name }: { id: string; name: string }) {
  const navigate = useNavigate({ from: '/models/$model/versions/$version/builds' })
  return (
    <button
      type="button"
      aria-haspopup="dialog"
      className="max-w-full truncate rounded font-mono text-xs font-medium text-accent underline-offset-4 hover:underline"
      onClick={() => void navigate({ search: (before) => ({ ...before, build: id }) })}
    >
      {name}
    </button>
  )
}
