/** Gate words: the gates of a rollout's waves as rows of a table. */
import type { Rollout } from '@skerry/contract/rollouts/rollout'
import { gateName, gateStateWords, gateWords } from '@skerry/core/rollouts/views/gate-words'
import { type GateState, gatesOf } from '@skerry/core/rollouts/views/wave-gates'
import type { Style } from '../../program/terminal/style.ts'
import { durationText } from '../../program/terminal/words.ts'

export const gateHeads = ['WAVE', 'GATE', 'STATE', 'DETAIL'] as const

/** A row for each gate of each wave, under `gateHeads`. */
export function gateRows(rollout: Rollout, nowMs: number, style: Style): string[][] {
  return rollout.waves.flatMap((wave) =>
    gatesOf(rollout, wave, nowMs).map((gate) => [
      wave.name,
      gateName(gate),
      stateText(gate.state, style),
      gateWords(gate, { number: String, time: durationText }),
    ]),
  )
}

function stateText(state: GateState, style: Style): string {
  const words = gateStateWords[state]
  if (state === 'met') return style.green(words)
  if (state === 'failed') return style.red(words)
  return state === 'inconclusive' ? style.yellow(words) : words
}
