/** Rollback view: the effects of a rollback, before it starts. */
import type { RollbackPlan } from '@skerry/contract/deployments/rollback'
import { formName } from '@skerry/core/deployments/form-name'
import { leaveWords } from '@skerry/core/deployments/leave-words'
import {
  moveNames,
  moveWords,
  rollbackFacts,
  rollbackPresent,
  rollbackWarnings,
  rollbackWords,
} from '@skerry/core/deployments/rollback/rollback-words'
import type { Style } from '../../program/terminal/style.ts'
import { planText } from './deployment-view.ts'

/** The preview that `--dry-run` prints. */
export function rollbackText(preview: RollbackPlan, style: Style): string {
  const { from, to, spec, moves, plan } = preview
  const heading = `roll back ${spec.name}: from ${formName(from)} (revision ${from.revision}) to ${formName(to)} (revision ${to.revision})`
  const changes = moves.map((move) => `${moveWords(move, to.version)}: ${moveNames(move)}`)
  const warnings = rollbackWarnings(preview).map((text) => style.yellow(text))
  const lines = [...warnings, style.bold(heading), ...rollbackPresent(preview), ...changes, ...rollbackFacts(preview)]
  return `${lines.join('\n')}\n\n${planText(plan, style)}`
}

/** What a person confirms, after `this would`. */
export function rollbackConsent(preview: RollbackPlan): string {
  const { leaves, waves } = preview.plan
  const names = leaves.devices.map(({ name }) => name)
  const picked = waves.reduce((sum, { count }) => sum + count, 0)
  const { deployable } = preview.spec
  const losses = leaves.count === 0 ? [] : [leaveWords({ count: leaves.count, names, deployable, picked })]
  return [rollbackWords(preview), ...losses].join(', and ')
}
