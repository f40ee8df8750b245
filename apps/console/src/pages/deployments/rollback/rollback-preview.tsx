/** Rollback preview: the earlier version, the devices that change, and the remarks of the plan. */
import type { RollbackPlan } from '@skerry/contract/deployments/rollback'
import { formName } from '@skerry/core/deployments/form-name'
import {
  moveNames,
  moveWords,
  rollbackFacts,
  rollbackPresent,
  rollbackWarnings,
} from '@skerry/core/deployments/rollback/rollback-words'
import { MoveRight, TriangleAlert } from 'lucide-react'
import { PlanRemarks } from '../../deploy/plan-card.tsx'
import { rollbackTexts as words } from './english-rollback.ts'

export function RollbackPreview({ preview }: { preview: RollbackPlan }) {
  const { from, to, moves, plan } = preview
  const warnings = rollbackWarnings(preview)
  const present = rollbackPresent(preview)
  return (
    <div className="flex flex-col gap-4">
      {warnings.length > 0 && (
        <section aria-label={words.warning} className="card flex gap-2.5 px-4 py-3 text-sm text-warn">
          <TriangleAlert size={16} className="mt-0.5 shrink-0" aria-hidden />
          <div className="flex min-w-0 flex-col gap-1">
            {warnings.map((text) => (
              <p key={text} className="wrap-anywhere">
                {text}
              </p>
            ))}
          </div>
        </section>
      )}
      <div className="card grid grid-cols-[minmax(0,1fr)_auto_minmax(0,1fr)] items-center gap-3 px-4 py-3">
        <End title={words.ends.from} end={from} revision={words.inForce(from.revision)} />
        <MoveRight size={18} className="text-faint" aria-hidden />
        <End title={words.ends.to} end={to} revision={words.afterwards(from.revision + 1, to.revision)} />
      </div>
      {present.length > 0 && (
        <ul className="flex flex-col gap-1 text-sm text-soft">
          {present.map((text) => (
            <li key={text} className="wrap-anywhere first-letter:uppercase tabular">
              {text}
            </li>
          ))}
        </ul>
      )}
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

type EndProps = { title: string; end: RollbackPlan['from']; revision: string }

function End({ title, end, revision }: EndProps) {
  const name = formName(end)
  return (
    <div className="min-w-0">
      <p className="text-xs text-soft">{title}</p>
      <p className="truncate text-sm font-medium" title={name}>
        {name}
      </p>
      <p className="text-xs text-soft">{revision}</p>
    </div>
  )
}
