/** Deciding: operators that say yes (1) or no (0). */
import type { FlowStep } from '@skerry/contract/flows/flow-step'
import {
  hasSpoken,
  type Operator,
  QUALITY,
  type Signal,
  takeWorst,
  tellBad,
  tellNumber,
} from '@skerry/core/flow/signal'
import { OFF, ripen, thresholdAfter, turnsAtMs } from '@skerry/core/flow/threshold'
import { vote } from '@skerry/core/flow/votes'
import { firstOf, hasEverSpoken, NEVER_MS, operator, passBad } from './operator.ts'

type Of<Kind extends FlowStep['kind']> = Extract<FlowStep, { kind: Kind }>

export function createThreshold(step: Of<'threshold'>): Operator {
  let state = OFF
  const it: Operator = {
    dueMs: NEVER_MS,
    dropped: 0,
    run(from, instant, out) {
      const signal = firstOf(from)
      const isNews = hasSpoken(signal, instant)
      const isBad = takeWorst(from, out) === QUALITY.bad
      // What was on stays on; what was about to turn begins anew, for nobody knows what was in between.
      if (isBad) state = { ...state, sinceMs: undefined }
      else if (isNews) state = thresholdAfter(step, state, signal.number, instant.timeMs)
      else state = ripen(step, state, instant.timeMs)
      it.dueMs = turnsAtMs(step, state)
      return isBad ? passBad(out) : tellNumber(out, state.isOn ? 1 : 0)
    },
  }
  return it
}

export const createVotes = ({ k, last }: Of<'k-of-n'>): Operator =>
  last === undefined ? createVotesOfMany(k) : createVotesOfLast(k, last)

const voteOf = ({ quality, number }: Signal) => (quality === QUALITY.bad ? undefined : number !== 0)

function createVotesOfMany(k: number): Operator {
  return operator((from, _instant, out) => {
    if (!from.every(hasEverSpoken)) return false
    return tellVote(out, from, vote(k, from.map(voteOf)))
  })
}

function createVotesOfLast(k: number, last: number): Operator {
  const votes: (boolean | undefined)[] = []
  let count = 0
  return operator((from, _instant, out) => {
    votes[count % last] = voteOf(firstOf(from))
    count += 1
    return count >= last && tellVote(out, from, vote(k, votes))
  })
}

/** Where enough were heard, those that were not take nothing away. */
function tellVote(out: Signal, from: readonly Signal[], result: boolean | undefined): true {
  if (result === undefined) return tellBad(out, 'votes_missing', 'too many voting signals are bad')
  takeWorst(
    from.filter(({ quality }) => quality === QUALITY.uncertain),
    out,
  )
  return tellNumber(out, result ? 1 : 0)
}
