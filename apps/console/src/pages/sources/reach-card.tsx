/** Reach card: the devices that a saved source or sink would reach, from a dry run of the hub. */
import type { ConnectionKind, ConnectionPlan, ConnectionSpec } from '@skerry/contract/connections/connection'
import { useQuery } from '@tanstack/react-query'
import { Card } from '../../components/card.tsx'
import { Failure, Loading } from '../../components/page-state.tsx'
import { useSettled } from '../deploy/draft/use-settled.ts'
import { sinkQueries } from '../sinks/sink-queries.ts'
import { sourcesTexts } from './english-sources.ts'
import { placeMissing } from './place-fields.tsx'
import { sourceQueries } from './source-queries.ts'

const words = sourcesTexts.edit

type ReachProps = { kind: ConnectionKind; scope: string; sound: ConnectionSpec | undefined }

export function ReachCard({ kind, scope, sound }: ReachProps) {
  const asked = useSettled({ scope, spec: sound })
  const isAsked = asked.spec !== undefined && !asked.scope.endsWith(':')
  return (
    <Card title={words.reach}>
      {isAsked && asked.spec ? (
        <Reach kind={kind} scope={asked.scope} spec={asked.spec} />
      ) : (
        <p className="text-sm text-soft">{(asked.spec && placeMissing(asked.scope)) ?? words.waiting}</p>
      )}
    </Card>
  )
}

function Reach({ kind, scope, spec }: { kind: ConnectionKind; scope: string; spec: ConnectionSpec }) {
  const { plan } = kind === 'source' ? sourceQueries : sinkQueries
  const { data, error, refetch } = useQuery({
    ...plan({ name: spec.name, scope, spec }),
    placeholderData: (before) => before,
  })
  if (!data) return error ? <Failure error={error} onRetry={() => void refetch()} /> : <Loading rows={2} />
  return (
    <div role="status" className="flex flex-col gap-2 text-sm">
      <p className="font-medium">{words.changes[data.change]}</p>
      <p>{words.would(data.devices.count, data.change === 'unchanged')}</p>
      <Names reached={data.devices} />
      {data.overridden.count > 0 && (
        <>
          <p className="text-soft">{words.overridden(data.overridden.count)}</p>
          <Names reached={data.overridden} />
        </>
      )}
    </div>
  )
}

/** A dozen names are enough, because the count covers all. */
const NAMES_SHOWN = 12

const Names = ({ reached: { count, names } }: { reached: ConnectionPlan['devices'] }) =>
  count > 0 && (
    <ul className="flex flex-wrap gap-1">
      {names.slice(0, NAMES_SHOWN).map((name) => (
        <li key={name} className="rounded bg-raised px-1.5 font-mono text-2xs leading-5">
          {name}
        </li>
      ))}
      {count > NAMES_SHOWN && <li className="text-xs text-soft">{words.more(count - NAMES_SHOWN)}</li>}
    </ul>
  )
