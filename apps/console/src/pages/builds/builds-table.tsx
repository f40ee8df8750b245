/** Builds table: the version and its builds, each with its size and fidelity. A build can be deployed and removed. */
import type { Build } from '@skerry/contract/builds/build'
import type { ModelVersionDetail } from '@skerry/contract/models/model'
import { useNavigate } from '@tanstack/react-router'
import { Card } from '../../components/card.tsx'
import { sizeText } from '../../components/charts/amounts.ts'
import { DeployButton } from '../../components/facts/deploy-button.tsx'
import { Instant } from '../../components/facts/instant.tsx'
import { PlainTable } from '../../components/rows/plain-table.tsx'
import { nameOfBuild, VERSION_KEY } from './build-forms.ts'
import { buildTexts } from './english-builds.ts'
import { agreementText, differenceText, shareText, worstOf } from './fidelity-text.ts'
import { RemoveBuild } from './remove-build.tsx'
import { Figure } from './run/results-card.tsx'

const words = buildTexts.list
const { columns } = words

type TableProps = { version: ModelVersionDetail; builds: readonly Build[] }

export function BuildsTable({ version, builds }: TableProps) {
  return (
    <Card title={words.title} isFlush>
      <PlainTable
        label={words.title}
        headers={[
          columns.build,
          columns.size,
          columns.share,
          columns.agreement,
          columns.difference,
          columns.by,
          columns.when,
          columns.actions,
        ]}
        rows={[
          { key: VERSION_KEY, cells: versionCells(version) },
          ...builds.map((build) => ({ key: build.id, cells: buildCells(build, nameOfBuild(build, builds)) })),
        ]}
      />
    </Card>
  )
}

const versionCells = ({ name: model, version, sizeBytes, createdBy, createdAtMs }: ModelVersionDetail) => [
  <span key="build" className="font-medium whitespace-nowrap">
    {words.version}
  </span>,
  <Figure key="size" text={sizeText(sizeBytes)} />,
  <Figure key="share" text="1" />,
  <Exact key="agreement" />,
  <Exact key="difference" />,
  <span key="by">{createdBy}</span>,
  <Instant key="when" ms={createdAtMs} />,
  <DeployButton
    key="actions"
    search={{ model, version: String(version) }}
    look="plain"
    isSmall
    text={words.deploy}
    label={words.deployLabel(words.version)}
  />,
]

const Exact = () => <span className="text-soft">{words.exact}</span>

function buildCells(build: Build, name: string) {
  const { id, name: model, version, sizeBytes, floatBytes, fidelity, createdBy, createdAtMs } = build
  const { agreement, difference } = worstOf(fidelity)
  return [
    <DetailsButton key="build" id={id} name={name} />,
    <Figure key="size" text={sizeText(sizeBytes)} />,
    <Figure key="share" text={shareText(sizeBytes, floatBytes)} />,
    <Figure key="agreement" text={agreementText(agreement)} />,
    <Figure key="difference" text={differenceText(difference)} />,
    <span key="by">{createdBy}</span>,
    <Instant key="when" ms={createdAtMs} />,
    <span key="actions" className="inline-flex gap-1.5">
      <DeployButton
        search={{ model, version: String(version), build: id }}
        look="plain"
        isSmall
        text={words.deploy}
        label={words.deployLabel(name)}
      />
      <RemoveBuild build={build} name={name} />
    </span>,
  ]
}

/** Opens the drawer with the details. The address keeps it open. */
function DetailsButton({ id, name }: { id: string; name: string }) {
  const navigate = useNavigate({ from: '/models/$model/versions/$version/builds' })
  return (
    <button
      type="button"
      aria-label={words.details(name)}
      className="rounded font-mono text-xs font-medium whitespace-nowrap text-accent underline-offset-4 hover:underline"
      onClick={() => void navigate({ search: (before) => ({ ...before, build: id }) })}
    >
      {name}
    </button>
  )
}
