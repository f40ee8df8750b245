/** Gate words: what holds a wave back, in one line each. */
import type { FailureLimit } from '@skerry/contract/deployments/failure-limit'
import type { Rollout } from '@skerry/contract/rollouts/rollout'
import { progressWords, whyWords } from '@skerry/core/analysis/analysis-words'
import { type Gate, type GateState, gatesOf } from '@skerry/core/rollouts/wave-gates'
import { assertNever } from '@skerry/core/values/assert-never'
import type { Style } from '../../program/terminal/style.ts'
import { durationText } from '../../program/terminal/words.ts'

export const gateHeads = ['WAVE', 'GATE', 'STATE', 'DETAIL'] as const

/** A row for each gate of each wave, under `gateHeads`. */
export function gateRows(rollout: Rollout, nowMs: number, style: Style): string[][] {
  return rollout.waves.flatMap((wave) =>
    gatesOf(rollout, wave, nowMs).map((gate) => [
      wave.name,
      gate.kind === 'analysis' ? gate.name : NAMES[gate.kind],
      stateText(gate.state, style),
      numbersOf(gate),
    ]),
  )
}

const NAMES: Readonly<Record<Exclude<Gate['kind'], 'analysis'>, string>> = {
  failures: 'failures',
  executed: 'reported',
  deadline: 'deadline',
  soak: 'soak',
}

const FAILURES: Readonly<Record<FailureLimit['kind'], string>> = {
  all: 'failed',
  failed: 'broke',
  rejected: 'rejected it',
  'timed-out': 'timed out',
}

function numbersOf(gate: Gate): string {
  switch (gate.kind) {
    case 'failures': {
      const from = gate.from === undefined ? '' : `, once ${gate.from} have reported`
      return `${gate.failed} of ${gate.of} ${FAILURES[gate.only ?? 'all']}, ${gate.limit} allowed${from}`
    }
    case 'executed':
      return `${gate.decided} of at least ${gate.limit}${gate.isBorne ? '; a person continued anyway' : ''}`
    case 'deadline': {
      const late = gate.timedOut > 0 ? `, ${gate.timedOut} timed out` : ''
      return `${gate.undecided} to report within ${durationText(gate.limitMs)} of the offer${late}`
    }
    case 'soak':
      return `${durationText(gate.soakedMs)} of ${durationText(gate.limitMs)}`
    case 'analysis':
      return `${progressWords(gate.view)}: ${whyWords(gate.view.run)}`
    default:
      return assertNever(gate)
  }
}

function stateText(state: GateState, style: Style): string {
  if (state === 'passed') return style.green(state)
  return state === 'failed' || state === 'inconclusive' ? style.yellow(state) : state
}
