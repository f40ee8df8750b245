/** Gate words: the gates of a wave in words, the same in the CLI and the console. */
import type { FailureLimit } from '@skerry/contract/deployments/failure-limit'
import { progressWords, whyWords } from '../../analysis/analysis-words.ts'
import { assertNever } from '../../values/assert-never.ts'
import { namesWords } from '../../values/names-words.ts'
import type { Gate, GateState } from './wave-gates.ts'

/** How the program writes a number and a span of time. */
export type Writing = { number: (value: number) => string; time: (ms: number) => string }

export const gateStateWords: Readonly<Record<GateState, string>> = {
  pending: 'pending',
  met: 'met',
  'not-reached': 'not reached',
  failed: 'failed',
  inconclusive: 'no result',
}

const NAMES: Readonly<Record<Exclude<Gate['kind'], 'analysis'>, string>> = {
  failures: 'failures',
  executed: 'minimum reports',
  deadline: 'deadline',
  soak: 'soak',
}

/** The name of the strategy's field; an analysis has its own name. */
export const gateName = (gate: Gate): string => (gate.kind === 'analysis' ? gate.name : NAMES[gate.kind])

const FAILURES: Readonly<Record<FailureLimit['kind'], string>> = {
  all: 'failed',
  failed: 'failed on the device',
  rejected: 'rejected it',
  'timed-out': 'timed out',
}

/** The value of the gate and its limit: `1 of 12 failed, 2 allowed`. */
export function gateWords(gate: Gate, writing: Writing): string {
  const { number, time } = writing
  switch (gate.kind) {
    case 'failures': {
      const from = gate.from === undefined ? '' : `, from ${number(gate.from)} reports on`
      const who = gate.devices ? `: ${namesWords(gate.devices, gate.failed)}` : ''
      return `${number(gate.failed)} of ${number(gate.of)} ${FAILURES[gate.only ?? 'all']}, ${gate.limit} allowed${from}${who}`
    }
    case 'executed':
      return `${number(gate.decided)} of at least ${number(gate.limit)} reported${gate.isBorne ? '; a person resumed' : ''}`
    case 'deadline':
      return deadlineWords(gate, writing)
    case 'soak':
      return `${time(gate.soakedMs)} of ${time(gate.limitMs)}`
    case 'analysis':
      return `${progressWords(gate.view)}: ${whyWords(gate.view.run)}`
    default:
      return assertNever(gate)
  }
}

type Deadline = Extract<Gate, { kind: 'deadline' }>

/** Each device has its own time, which begins with its offer. */
function deadlineWords({ state, undecided, timedOut, limitMs }: Deadline, { number, time }: Writing): string {
  const late = timedOut > 0 ? `${number(timedOut)} timed out` : ''
  const limit = `${time(limitMs)} from the offer`
  if (state === 'not-reached') return [`each device had ${limit}`, late].filter(Boolean).join(', ')
  if (undecided > 0) return [`${number(undecided)} to report within ${limit}`, late].filter(Boolean).join(', ')
  if (timedOut > 0) return `${late} after ${time(limitMs)}`
  return state === 'met' ? `all within ${limit}` : `each device has ${limit}`
}
