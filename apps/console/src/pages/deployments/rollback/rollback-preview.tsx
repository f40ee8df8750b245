/** Rollback preview: the earlier version, the devices that change, and the remarks of the plan. */
import type { RollbackPlan } from '@skerry/contract/deployments/rollback'
import { moveNames, moveWords, rollbackFacts } from '@skerry/core/deployments/rollback/rollback-words'
import { MoveRight } from 'lucide-react'
import { PlanRemarks } from '../../deploy/plan-card.tsx'
import { rollbackTexts as words } from './english-rollback.ts'

export function RollbackPreview({ preview }: { preview: RollbackPlan }) {
  const { from, to, moves, plan } = preview
  return (
    <div className="flex flex-col gap-4">
      <div className="card grid grid-cols-[minmax(0,1fr)_auto_minmax(0,1fr)] items-center gap-3 px-4 py-3">
        <End title={words.ends.from} end={from} />
        <MoveRight size={18} className="text-faint" aria-hidden />
        <End title={words.ends.to} end={to} />
      </div>
      <div>
        <h3 className="text-sm font-medium">{words.changes}</h3>
        {moves.length === 0 && <p className="mt-1 text-sm text-soft">{words.nobody}</p>}
        <ul className="mt-1 flex flex-col gap-1 text-sm">
          {moves.map((move) => (
            <li key={move.version ?? 'none'} className="wrap-anywhere">
              {moveWords(move, to.version)}: <span className="text-soft">{moveNames(move)}</span>
            </li>
          ))}
        </ul>
        {rollbackFacts(preview).map((fact) => (
          <p key={fact} className="mt-1 text-sm text-soft">
            {fact}
          </p>
        ))}
      </div>
      <PlanRemarks plan={plan} className="card" />
    </div>
  )
}

function End({ title, end: { deployable, version, revision } }: { title: string; end: RollbackPlan['from'] }) {
  return (
    <div className="min-w-0">
      <p className="text-xs text-soft">{title}</p>
      <p className="truncate text-sm font-medium" title={`${deployable}:${version}`}>{`${deployable}:${version}`}</p>
      <p className="text-xs text-soft">{words.revision(revision)}</p>
    </div>
  )
}
