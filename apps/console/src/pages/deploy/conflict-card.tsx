/** Conflict card: somebody changed the deployment while this draft was written: what they changed, and the two ways to go on. */
import type { Deployment } from '@skerry/contract/deployments/deployment'
import { useQuery } from '@tanstack/react-query'
import { TriangleAlert } from 'lucide-react'
import { Button } from '../../components/button.tsx'
import { Card } from '../../components/card.tsx'
import { deployQueries } from './deploy-queries.ts'
import { draftOf } from './draft/draft.ts'
import type { Draft } from './draft/draft-search.ts'
import { deployTexts } from './english-deploy.ts'
import { SpecChanges } from './spec-changes.tsx'

const words = deployTexts.conflict

type ConflictProps = {
  /** The revision that the draft began from. */
  base: number
  /** What is there now; absent where it was removed. */
  existing: Deployment | undefined
  name: string
  onDecide: (fields: Partial<Draft>) => void
}

/** The card. */
export function ConflictCard({ base, existing, name, onDecide }: ConflictProps) {
  const revisions = useQuery({ ...deployQueries.revisions(name), enabled: existing !== undefined && base > 0 })
  const before = revisions.data?.find(({ revision }) => revision === base)
  return (
    <Card
      className="border-warn"
      title={
        <span className="flex items-center gap-2">
          <TriangleAlert size={16} className="text-warn" aria-hidden />
          {words.title}
        </span>
      }
      isFlush
    >
      <div role="alert" className="p-4 text-sm">
        {leadOf(base, existing)}
      </div>
      {before && existing && (
        <div className="border-t border-line">
          <p className="px-4 pt-3 text-xs font-medium text-soft">{words.theirs}</p>
          <SpecChanges before={before.spec} after={existing.spec} />
        </div>
      )}
      <div className="flex flex-wrap gap-2 border-t border-line p-4">
        <Button onClick={() => onDecide({ base: String(existing?.revision ?? 0) })}>{words.keep}</Button>
        {existing && (
          <Button onClick={() => onDecide({ ...draftOf(existing.spec), base: String(existing.revision) })}>
            {words.take}
          </Button>
        )}
      </div>
    </Card>
  )
}

function leadOf(base: number, existing: Deployment | undefined): string {
  if (!existing) return words.gone
  return base === 0 ? words.leadMade(existing.revision) : words.lead(base, existing.revision)
}
