/** Differences of two versions of a model: a verdict for callers, and the tables below it. */
import type { ModelVersionDetail } from '@skerry/contract/models/model'
import { diffVersions, isSame } from '@skerry/core/models/model-diff'
import { CircleCheck, TriangleAlert } from 'lucide-react'
import { Card } from '../../../components/card.tsx'
import { Empty } from '../../../components/page-state.tsx'
import { modelTexts } from '../english-models.ts'
import { DiffTables } from './diff-tables.tsx'

const words = modelTexts.compare

export function Differences({ from, to }: { from: ModelVersionDetail; to: ModelVersionDetail }) {
  const diff = diffVersions(from, to)
  if (isSame(diff))
    return (
      <Card>
        <Empty icon={CircleCheck} title={words.same} hint={words.sameHint} />
      </Card>
    )
  return (
    <>
      <Verdict breaks={diff.breaks} />
      <DiffTables diff={diff} />
    </>
  )
}

/** What a caller must know before anything else. */
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
