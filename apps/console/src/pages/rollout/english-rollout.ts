/** The texts of the page of one rollout: its map, its gates and what happened to it. */

import type { FailureLimit } from '@skerry/contract/deployments/failure-limit'
import type { FailureAction, RolloutDevice, RolloutHappening } from '@skerry/contract/rollouts/rollout'
import { progressWords, whyWords } from '@skerry/core/analysis/analysis-words'
import type { Decision } from '@skerry/core/rollouts/rollout-decision'
import type { Gate, GateState } from '@skerry/core/rollouts/wave-gates'
import { count, number } from '../../texts/count.ts'

const UNITS = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['min', 60_000],
] as const

/** `2 h`, `90 s`. */
export function timeText(ms: number): string {
  const [unit, size] = UNITS.find(([, length]) => ms >= length && ms % length === 0) ?? ['s', 1_000]
  return `${number.format(Math.floor(ms / size))} ${unit}`
}

const gateState: Readonly<Record<GateState, string>> = {
  waiting: 'waiting',
  holding: 'holding',
  passed: 'passed',
  failed: 'failed',
  inconclusive: 'inconclusive',
}

const FAILURES: Readonly<Record<FailureLimit['kind'], string>> = {
  all: 'failed',
  failed: 'broke',
  rejected: 'rejected it',
  'timed-out': 'timed out',
}

function gateText(gate: Gate): string {
  switch (gate.kind) {
    case 'failures': {
      const from = gate.from === undefined ? '' : ` from ${count(gate.from, 'device')} on`
      return `${number.format(gate.failed)} of ${number.format(gate.of)} ${FAILURES[gate.only ?? 'all']}, ${gate.limit} allowed${from}`
    }
    case 'executed':
      return `${number.format(gate.decided)} of at least ${number.format(gate.limit)} told${gate.isBorne ? ', a person went on' : ''}`
    case 'deadline': {
      const late = gate.timedOut > 0 ? `, ${number.format(gate.timedOut)} timed out` : ''
      return `${number.format(gate.undecided)} to tell, each within ${timeText(gate.limitMs)}${late}`
    }
    case 'soak':
      return `${timeText(gate.soakedMs)} of ${timeText(gate.limitMs)}`
    case 'analysis':
      return `${progressWords(gate.view)}: ${whyWords(gate.view.run)}`
    default:
      return ''
  }
}

/** By the hub itself: one that has no words does not compile. */
const decided: Readonly<Record<Decision['action'], string>> = {
  'rollout.wave_opened': 'Wave opened',
  'rollout.analysed': 'Measured',
  'rollout.approval_awaited': 'Waits for approval',
  'rollout.paused': 'Stopped by a gate',
  'rollout.aborted': 'Aborted by a gate',
  'rollout.rolled_back': 'Rolled back by a gate',
  'rollout.done': 'Completed',
}

const action: Readonly<Record<string, string>> = {
  ...decided,
  'rollout.pause': 'Paused by a person',
  'rollout.resume': 'Resumed',
  'rollout.approve': 'Approved',
  'rollout.retry': 'Asked again',
  'rollout.abort': 'Aborted by a person',
  'rollout.rollback': 'Rolled back by a person',
}

const deviceEvent: Readonly<Partial<Record<RolloutDevice['outcome'], string>>> = {
  failed: 'Device failed',
  rejected: 'Device rejected it',
  'timed-out': 'Device timed out',
  tolerated: 'Failure borne',
}

function happening(event: RolloutHappening): string {
  switch (event.kind) {
    case 'began':
      return 'Began'
    case 'decided':
      return event.analysis ? `${event.analysis} ${event.verdict}` : (action[event.action] ?? event.action)
    case 'device':
      return deviceEvent[event.device.outcome] ?? event.device.outcome
    case 'superseded':
      return 'Superseded'
    default:
      return ''
  }
}

const onFailure: Readonly<Record<FailureAction, string>> = {
  pause: 'pauses when a gate fails',
  abort: 'aborts when a gate fails',
  'rollback-wave': 'rolls the wave back when a gate fails',
  'rollback-all': 'rolls everything back when a gate fails',
}

const OUTCOME_WORDS: Readonly<Record<RolloutDevice['outcome'], string>> = {
  waiting: 'waiting',
  offered: 'offered',
  healthy: 'healthy',
  failed: 'failed',
  rejected: 'rejected',
  'timed-out': 'timed out',
  tolerated: 'failed and borne',
  skipped: 'skipped',
}

export const rolloutPageTexts = {
  rolloutPage: {
    map: 'map of devices',
    compared: ({ compared, mismatched, errors }: { compared: number; mismatched: number; errors: number }) =>
      `${number.format(mismatched + errors)} of ${count(compared + errors, 'answer')} wrong as a shadow`,
    mapHint: 'Arrow keys go from device to device, Enter opens one. The table below lists all of them.',
    mapOf: (wave: string) => `Devices of wave ${wave}`,
    cell: ({ device, site, outcome, state, cause }: RolloutDevice) =>
      [`${device} at ${site}: ${OUTCOME_WORDS[outcome]}`, state !== outcome && state, cause?.message]
        .filter(Boolean)
        .join(', '),
    larger: (wave: string) => `Larger cells in wave ${wave}`,
    smaller: (wave: string) => `Smaller cells in wave ${wave}`,
    gates: 'Gates',
    gatesOf: (wave: string) => `Gates of wave ${wave}`,
    gate: { failures: 'Failures', executed: 'Enough told', deadline: 'Deadline', soak: 'Soak' },
    gateState,
    gateText,
    onFailure,
    events: 'What happened',
    noEvents: 'Nothing has happened yet.',
    eventColumns: { at: 'Time', what: 'What', who: 'Who', detail: 'Why, and in what numbers' },
    happening,
    hub: 'the hub itself',
    superseded: (revision: number) => `Revision ${revision} took over`,
    filter: 'Filter the devices',
    held: 'held to the end',
  },
} as const
