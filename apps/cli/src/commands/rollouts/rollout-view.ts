/** Rollout view: a rollout as rows, bars and lines, for the commands that show or watch one. */
import type { AnalysisView } from '@skerry/contract/deployments/analysis'
import type { Rollout, RolloutStatus, RolloutWave } from '@skerry/contract/rollouts/rollout'
import { progressWords } from '@skerry/core/analysis/analysis-words'
import { formName } from '@skerry/core/deployments/form-name'
import { awaitsApproval, isEnded } from '@skerry/core/rollouts/rollout-state'
import {
  lateShownCounts,
  outcomeWords,
  SHOWN_OUTCOMES,
  type ShownCounts,
  shownCounts,
  waveShownCounts,
} from '@skerry/core/rollouts/views/outcome-words'
import { isPlannedPause, pauseWords, resumeCommand } from '@skerry/core/rollouts/views/pause-words'
import { silentCommand, silentWords } from '@skerry/core/rollouts/views/silent-words'
import { isUndone } from '@skerry/core/rollouts/views/undone-rollout'
import { runningWords, wantedWords } from '@skerry/core/rollouts/views/version-words'
import { hasMetGates } from '@skerry/core/rollouts/views/wave-gates'
import type { Session } from '../../program/session.ts'
import { barOf } from '../../program/terminal/progress.ts'
import type { Style } from '../../program/terminal/style.ts'
import { factsOf, tableOf } from '../../program/terminal/table.ts'
import { agoText } from '../../program/terminal/words.ts'
import { failureFacts } from './failure-view.ts'

type View = Pick<Session, 'style' | 'io'>

export const rolloutHeads = [
  'ROLLOUT',
  'DEPLOYMENT',
  'REVISION',
  'MODEL',
  'STATUS',
  'WAVE',
  'DEVICES',
  'RUNNING',
  'STARTED',
] as const

/** A row for each rollout, under `rolloutHeads`. */
export function rolloutRows(rollouts: readonly Rollout[], { style, io }: View): string[][] {
  return rollouts.map((rollout) => [
    rollout.id,
    rollout.deployment,
    String(rollout.revision),
    formName(rollout),
    pausedText(rollout, style),
    `${Math.min(rollout.wave + 1, rollout.waves.length)}/${rollout.waves.length}`,
    progressText(rollout),
    runningWords(rollout) ?? '',
    agoText(rollout.createdAtMs, io.nowMs()) ?? '',
  ])
}

/** Below a list, the rollouts that wait for silent devices; empty if none does. */
export function silentBelow(rollouts: readonly Rollout[], style: Style): string {
  const rows = rollouts.flatMap((rollout) =>
    rollout.silent ? [[rollout.deployment, silentWords(rollout.silent), silentCommand(rollout)]] : [],
  )
  return rows.length === 0 ? '' : `\n\n${tableOf(style, ['SILENT', 'WHY', 'NEXT'], rows, '')}`
}

/** One rollout, with a bar for each wave. */
export function rolloutText(rollout: Rollout, { style, io }: View): string {
  const facts = factsOf(style, [
    ['rollout', rollout.id],
    ['deployment', `${rollout.deployment}, revision ${rollout.revision}`],
    ['model', formName(rollout)],
    ['status', pausedText(rollout, style)],
    ['undone', undoneText(rollout)],
    ['pause', pauseWords(rollout)],
    ['reason', isPlannedPause(rollout) ? undefined : rollout.reason],
    ['next', resumeCommand(rollout)],
    ...failureFacts(rollout),
    ['rolls back to', rollout.rollbackTo === undefined ? undefined : `revision ${rollout.rollbackTo}`],
    ['waits for', approvalText(rollout)],
    ['silent', rollout.silent && silentWords(rollout.silent)],
    ['next', silentCommand(rollout)],
    ['wanted', wantedWords(rollout)],
    ['running', runningWords(rollout)],
    ['joined later', joinedLaterText(rollout)],
    ['started', agoText(rollout.createdAtMs, io.nowMs())],
  ])
  return [facts, '', ...waveLines(rollout, { style, io })].join('\n')
}

/** The approval that the rollout waits for, if it waits for a person. */
const approvalText = (rollout: Rollout) =>
  awaitsApproval(rollout) ? `approval of wave ${rollout.waves[rollout.wave + 1]?.name}` : undefined

/** The devices that no wave counts, if there are any. */
function joinedLaterText(rollout: Rollout): string | undefined {
  const late = lateShownCounts(rollout)
  return late && countsText(late)
}

/** The devices of the waves, which stay the same after the end, and then those that joined later. */
function progressText(rollout: Rollout): string {
  const late = joinedLaterText(rollout)
  return `${countsText(waveShownCounts(rollout))}${late === undefined ? '' : `; joined later: ${late}`}`
}

/** Healthy devices of a rollout that was rolled back do not run its version any more. */
function undoneText(rollout: Rollout): string | undefined {
  const { healthy } = waveShownCounts(rollout)
  if (!isUndone(rollout) || healthy === 0) return undefined
  return healthy === 1
    ? 'the healthy device gets its earlier version again'
    : `the ${healthy} healthy devices get their earlier version again`
}

const pausedText = (rollout: Rollout, style: Style) =>
  isPlannedPause(rollout) ? 'paused as planned' : statusText(rollout.status, style)

/** A line for each wave: its bar, and the number of devices in each state. */
function waveLines(rollout: Rollout, { style, io }: View): string[] {
  const { waves, wave } = rollout
  const width = Math.max(0, ...waves.map(({ name }) => name.length))
  return waves.map((each, index) => {
    const { name, counts, openedAtMs, analyses = [] } = each
    const total = Object.values(counts).reduce((sum, count) => sum + count, 0)
    const bar = barOf(total - counts.waiting - counts.offered, total).replace(/%.*$/, '%')
    const stands = index === wave && !isEnded(rollout) ? soakText(rollout, each, io.nowMs()) : ''
    const undone = isUndone(rollout) && counts.healthy > 0 ? ', undone' : ''
    const line = `${name.padEnd(width)} ${bar} ${countsText(shownCounts(rollout, counts))}${undone}${stands}${measuredText(analyses)}`
    return openedAtMs === undefined ? style.dim(line) : line
  })
}

function soakText(rollout: Rollout, wave: RolloutWave, nowMs: number): string {
  if (wave.soakingSinceMs === undefined) return ''
  return hasMetGates(rollout, wave, nowMs) ? ', passed' : ', soaking'
}

/** The progress of the analyses that have begun. */
const measuredText = (analyses: readonly AnalysisView[]) =>
  analyses
    .filter(({ run }) => run !== undefined)
    .map((view) => `, ${progressWords(view)}`)
    .join('')

/** A whole change in one line, for logs. */
export function rolloutLine(rollout: Rollout): string {
  const { waves, wave, status, reason } = rollout
  const name = waves[wave]?.name ?? '-'
  const why = pauseWords(rollout) ?? reason
  const running = runningWords(rollout)
  const runs = running === undefined ? '' : `, running ${running}`
  const waits = rollout.silent ? `, ${silentWords(rollout.silent)}` : ''
  return `${rollout.deployment} revision ${rollout.revision} ${status}${why === undefined ? '' : `: ${why}`}, wave ${wave + 1}/${waves.length} ${name}, ${progressText(rollout)}${measuredText(waves[wave]?.analyses ?? [])}${runs}${waits}`
}

/** The status in the colour of its meaning. */
export function statusText(status: RolloutStatus, style: Style): string {
  if (status === 'done') return style.green(status)
  return status === 'paused' || status === 'aborted' || status === 'rolled-back' ? style.yellow(status) : status
}

/** `3 healthy, 1 failed`. Zeros are omitted. */
export function countsText(counts: Partial<ShownCounts>): string {
  const shown = SHOWN_OUTCOMES.filter((outcome) => counts[outcome])
  return shown.length === 0 ? 'no devices' : shown.map((each) => `${counts[each]} ${outcomeWords[each]}`).join(', ')
}
