/** Stages card: the versions that a request of a pipeline passes, and the tensors that go from one to the next. */
import type { Pipeline } from '@skerry/contract/routes/pipeline'
import type { RoutePlace, RouteStage } from '@skerry/contract/routes/route'
import { Link } from '@tanstack/react-router'
import { Card } from '../../components/card.tsx'
import { PlainTable } from '../../components/rows/plain-table.tsx'
import { number } from '../../texts/count.ts'
import { routesTexts } from './english-routes.ts'
import { totalOf } from './route-badge.tsx'
import { StageGraph } from './stage-graph.tsx'

const { columns, title, tensor } = routesTexts.stages

type StagesCardProps = {
  stages: readonly RouteStage[]
  places: readonly RoutePlace[]
  outputs: Pipeline['outputs']
}

export function StagesCard({ stages, places, outputs }: StagesCardProps) {
  return (
    <Card title={title} isFlush>
      <StageGraph stages={stages} outputs={outputs} />
      <PlainTable
        label={title}
        headers={[
          columns.stage,
          columns.version,
          columns.takes,
          columns.gives,
          routesTexts.columns.rate,
          routesTexts.columns.latency,
          columns.places,
        ]}
        wideOnly={[columns.takes, routesTexts.columns.latency]}
        rows={stages.map((stage, at) => ({
          key: `${at}`,
          cells: cellsOf(stage, { at, places: places.filter((place) => place.stage === at + 1) }),
        }))}
      />
    </Card>
  )
}

type StageFacts = { at: number; places: readonly RoutePlace[] }

function cellsOf({ model, version, takes, gives, places: used }: RouteStage, { at, places }: StageFacts) {
  const perSecond = places.reduce((sum, place) => sum + totalOf(place, (one) => one.perSecond), 0)
  return [
    number.format(at + 1),
    <Link
      key="version"
      to="/models/$model/versions/$version"
      params={{ model, version: String(version) }}
      className="rounded text-accent hover:underline"
    >
      {`${model}:${version}`}
    </Link>,
    <Tensors key="takes" tensors={takes} />,
    <Tensors key="gives" tensors={gives} />,
    <span key="rate" className="tabular">
      {routesTexts.rate(perSecond)}
    </span>,
    <span key="p50" className="tabular whitespace-nowrap">
      {routesTexts.ms(places[0]?.traffic[0]?.p50Ms)}
    </span>,
    number.format(used),
  ]
}

const Tensors = ({ tensors }: { tensors: RouteStage['takes'] }) => (
  <span className="flex flex-col py-1.5 text-xs break-all text-soft">
    {tensors.map(({ name, shape }) => (
      <span key={name}>{tensor(name, shape)}</span>
    ))}
  </span>
)
