/**
 * Flow sources: the devices that have the sources of the chosen flow. A new deployment starts with them, and the step
 * says so if other devices are chosen.
 */
import { flowSources, type SourcePlaces, sourceSelector } from '@skerry/core/flow/source-selector'
import { useQuery } from '@tanstack/react-query'
import { useEffect } from 'react'
import { Button } from '../../../components/button.tsx'
import { useMissing } from '../../../hub/permission.ts'
import { queries } from '../../../hub/queries.ts'
import { detailOf } from '../../../kinds/of-kind.ts'
import { sourceQueries } from '../../sources/source-queries.ts'
import { deployTexts } from '../english-deploy.ts'
import type { StepProps } from '../step-props.ts'
import type { Draft } from './draft-search.ts'

const words = deployTexts.where.sources

export type FlowSources = SourcePlaces & { sources: readonly string[] }

/** Undefined if no flow is chosen, or while the answer is on its way. */
export function useFlowSources({ model, version = 'latest' }: Pick<Draft, 'model' | 'version'>) {
  const mayRead = useMissing('connection.read') === undefined
  const detail = useQuery({ ...queries.version(model ?? '', version), enabled: model !== undefined && mayRead })
  const flow = detailOf('flow', detail.data)?.flow
  const placed = useQuery({ ...sourceQueries.list(), enabled: flow !== undefined })
  if (!flow || !placed.data) return undefined
  const sources = flowSources(flow)
  return { sources, ...sourceSelector(sources, placed.data) }
}

/** A person who has chosen devices keeps them. So does a deployment that exists already. */
export function useFlowPlace({ draft, change, existing }: Omit<StepProps, 'read'>): FlowSources | undefined {
  const found = useFlowSources(draft)
  const selector = found?.selector
  const isOpen = draft.to === undefined && draft.base !== undefined && existing === undefined
  useEffect(() => {
    if (isOpen && selector !== undefined) change({ to: selector })
  }, [isOpen, selector, change])
  return found
}

type NoteProps = Pick<StepProps, 'draft' | 'change'> & { found: FlowSources }

export function FlowSourcesNote({ found: { sources, missing, selector }, draft, change }: NoteProps) {
  if (missing.length > 0) return <p className="text-sm wrap-anywhere text-warn">{words.missing(missing)}</p>
  if (selector === undefined) return null
  if ((draft.to ?? 'true').trim() === selector)
    return <p className="text-sm wrap-anywhere text-soft">{words.chosen(sources)}</p>
  return (
    <div className="flex flex-wrap items-center gap-3">
      <p className="min-w-0 flex-1 text-sm wrap-anywhere text-warn">{words.others(sources)}</p>
      <Button isSmall onClick={() => change({ to: selector })}>
        {words.choose}
      </Button>
    </div>
  )
}
