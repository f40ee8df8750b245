/** Version use card: size, deployments, devices, errors and latency of two versions, side by side. */
import type { ModelVersionDetail } from '@skerry/contract/models/model'
import { summariseServing } from '@skerry/core/models/serving-summary'
import { deploymentsOfVersion } from '@skerry/core/rollouts/views/version-users'
import { runningOnWords } from '@skerry/core/rollouts/views/version-words'
import { useQuery } from '@tanstack/react-query'
import { Card } from '../../../../components/card.tsx'
import { durationText, sizeText } from '../../../../components/charts/amounts.ts'
import { PlainTable } from '../../../../components/rows/plain-table.tsx'
import { queries } from '../../../../hub/queries.ts'
import { texts } from '../../../../texts/english.ts'
import { modelQueries } from '../../model-queries.ts'
import type { Pair } from './comparison-query.ts'
import { numberWords } from './english-numbers.ts'

const words = numberWords.use

export function VersionUseCard({ from, to }: Pair) {
  const [before, after] = [useUse(from), useUse(to)]
  const row = (name: string, of: (use: NonNullable<typeof before>) => string) => ({
    key: name,
    cells: [
      <span key="name" className="text-soft">
        {name}
      </span>,
      ...[before, after].map((use, index) => (
        <span key={index === 0 ? 'from' : 'to'} className="tabular">
          {use ? of(use) : '…'}
        </span>
      )),
    ],
  })
  const rows = [
    row(words.size, ({ version }) => sizeText(version.sizeBytes)),
    row(words.devices, ({ version }) =>
      runningOnWords({ devices: version.servingCount, silent: version.servingSilent }, texts.common.number),
    ),
    row(words.deployments, ({ deployments }) => deployments.join(', ') || words.noDeployments),
    row(words.requests, ({ summary }) => texts.common.number(summary.requests)),
    row(words.errors, ({ summary }) => texts.common.number(summary.failures)),
    row(words.p50, ({ summary }) => durationText(summary.p50Us)),
    row(words.p99, ({ summary }) => durationText(summary.p99Us)),
  ]
  return (
    <Card title={words.title} isFlush>
      <PlainTable
        label={words.title}
        headers={[words.what, numberWords.version(from.version), numberWords.version(to.version)]}
        rows={rows}
        rightCount={2}
      />
    </Card>
  )
}

function useUse(version: ModelVersionDetail) {
  const { data } = useQuery(modelQueries.servingSample(version.name, String(version.version)))
  const { data: all } = useQuery(queries.deployments())
  if (!data || !all) return undefined
  return {
    version,
    summary: summariseServing(data),
    deployments: deploymentsOfVersion(all, version).map((each) => each.name),
  }
}
