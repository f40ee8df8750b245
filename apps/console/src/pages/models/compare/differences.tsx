/** Differences of two versions of a model: a verdict for callers, the outputs in numbers, and the tables below. */
import type { ModelVersionDetail } from '@skerry/contract/models/model'
import { diffVersions, isSame } from '@skerry/core/models/model-diff'
import { CircleCheck, TriangleAlert } from 'lucide-react'
import { Card } from '../../../components/card.tsx'
import { Empty } from '../../../components/page-state.tsx'
import { modelTexts } from '../english-models.ts'
import { DiffTables } from './diff-tables.tsx'
import { OutputComparisonCard } from './numbers/output-comparison.tsx'
import { VersionUseCard } from './numbers/version-use-card.tsx'

const words = modelTexts.compare

export function Differences({ from, to }: { from: ModelVersionDetail; to: ModelVersionDetail }) {
  const diff = diffVersions(from, to)
  return (
    <>
      {isSame(diff) ? (
        <Card>
          <Empty icon={CircleCheck} title={words.same} hint={words.sameHint} />
        </Card>
      ) : (
        <Verdict breaks={diff.breaks} />
      )}
      <div className="grid items-start gap-4 xl:grid-cols-[minmax(0,1.6fr)_minmax(20rem,1fr)]">
        <OutputComparisonCard key={`${from.id} ${to.id}`} from={from} to={to} />
        <VersionUseCard from={from} to={to} />
      </div>
      {!isSame(diff) && <DiffTables diff={diff} />}
    </>
  )
}

/** The most important fact for a caller. */
function Verdict({ breaks }: { breaks: readonly string[] }) {
  const isFitting = breaks.length === 0
  const Icon = isFitting ? CircleCheck : TriangleAlert
  return (
    <Card>
      <div className="flex items-start gap-3">
        <Icon size={20} className={isFitting ? 'mt-0.5 text-good' : 'mt-0.5 text-warn'} aria-hidden />
        <div className="min-w-0 text-sm">
          <p className="font-semibold">{isFitting ? words.fits : words.breaks}</p>
          {isFitting ? (
            <p className="mt-0.5 text-soft">{words.fitsHint}</p>
          ) : (
            <ul className="mt-1 list-disc pl-4 text-soft">
              {breaks.map((line) => (
                <li key={line} className="wrap-anywhere">
                  {line}
                </li>
              ))}
            </ul>
          )}
        </div>
      </div>
    </Card>
  )
}
