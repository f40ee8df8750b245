/** The texts of the page of one rollout: its map, its gates and its events. */

import type { FailureAction, RolloutDevice, RolloutHappening } from '@skerry/contract/rollouts/rollout'
import type { Decision } from '@skerry/core/rollouts/rollout-decision'
import { gateName, gateStateWords, gateWords } from '@skerry/core/rollouts/views/gate-words'
import type { ShownDevice, ShownOutcome } from '@skerry/core/rollouts/views/outcome-words'
import type { Gate } from '@skerry/core/rollouts/views/wave-gates'
import { count, number } from '../../texts/count.ts'

const UNITS = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['min', 60_000],
] as const

/** A time in the largest unit that divides it, such as `2 h` or `90 s`. */
export function timeText(ms: number): string {
  const [unit, size] = UNITS.find(([, length]) => ms >= length && ms % length === 0) ?? ['s', 1_000]
  return `${number.format(Math.floor(ms / size))} ${unit}`
}

/** The name of an analysis stays as a person wrote it. */
const capital = (name: string) => `${name.charAt(0).toUpperCase()}${name.slice(1)}`

const writing = { number: (value: number) => number.format(value), time: timeText }

/** Decisions of the hub. A decision without a text does not compile. */
const decided: Readonly<Record<Decision['action'], string>> = {
  'rollout.wave_opened': 'Wave opened',
  'rollout.analysed': 'Measured',
  'rollout.approval_awaited': 'Waits for approval',
  'rollout.paused': 'Paused by a gate',
  'rollout.aborted': 'Aborted by a gate',
  'rollout.rolled_back': 'Rolled back by a gate',
  'rollout.done': 'Completed',
}

const action: Readonly<Record<string, string>> = {
  ...decided,
  'rollout.pause': 'Paused by a person',
  'rollout.resume': 'Resumed',
  'rollout.approve': 'Approved',
  'rollout.retry': 'Retried',
  'rollout.abort': 'Aborted by a person',
  'rollout.rollback': 'Rolled back by a person',
}

const deviceEvent: Readonly<Partial<Record<RolloutDevice['outcome'], string>>> = {
  failed: 'Device failed',
  rejected: 'Device rejected it',
  'timed-out': 'Device timed out',
  tolerated: 'Failure tolerated',
}

function happening(event: RolloutHappening): string {
  switch (event.kind) {
    case 'began':
      return 'Started'
    case 'decided':
      if (event.isPlanned) return 'Planned pause'
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
  'rollback-all': 'rolls back all when a gate fails',
}

const OUTCOME_WORDS: Readonly<Record<ShownOutcome, string>> = {
  waiting: 'waiting',
  offered: 'offered',
  healthy: 'healthy',
  failed: 'failed',
  rejected: 'rejected',
  'timed-out': 'timed out',
  tolerated: 'failed, tolerated',
  skipped: 'skipped',
  pending: 'joined later, no report yet',
  'not-reached': 'not reached',
}

export const rolloutPageTexts = {
  rolloutPage: {
    undone: (devices: number) =>
      `Undone: the hub offers ${devices === 1 ? 'the healthy device its' : 'the healthy devices their'} earlier version again.`,
    map: 'map of devices',
    compared: ({ compared, mismatched, errors }: { compared: number; mismatched: number; errors: number }) =>
      `${number.format(mismatched + errors)} of ${count(compared + errors, 'answer')} wrong as a shadow`,
    mapHint: 'Arrow keys go from device to device, Enter opens one. The table below lists all of them.',
    mapOf: (wave: string) => `Devices of wave ${wave}`,
    cell: ({ device, site, outcome, state, cause }: ShownDevice) =>
      [`${device} at ${site}: ${OUTCOME_WORDS[outcome]}`, state !== outcome && state, cause?.message]
        .filter(Boolean)
        .join(', '),
    larger: (wave: string) => `Larger cells in wave ${wave}`,
    smaller: (wave: string) => `Smaller cells in wave ${wave}`,
    gates: 'Gates',
    gatesOf: (wave: string) => `Gates of wave ${wave}`,
    gateName: (gate: Gate) => (gate.kind === 'analysis' ? gate.name : capital(gateName(gate))),
    gateState: gateStateWords,
    gateText: (gate: Gate) => gateWords(gate, writing),
    onFailure,
    events: 'Events',
    noEvents: 'Nothing has happened yet.',
    eventColumns: { at: 'Time', what: 'What', who: 'Who', detail: 'Reason and numbers' },
    happening,
    hub: 'the hub itself',
    superseded: (revision: number) => `Revision ${revision} replaced it`,
    filter: 'Filter the devices',
    later: 'joined later',
    laterTitle: 'Joined later',
    laterHint: 'No wave counts these devices. They joined after the end of the rollout, or are held until then.',
  },
} as const

/** Waves, devices and actions. */
export const rolloutTexts = {
  back: 'Rollouts',
  waves: 'Waves',
  waveState: {
    closed: 'not open yet',
    open: 'open',
    soaking: 'soaking',
    passed: 'passed',
    stopped: 'stopped',
    unreached: 'not reached',
  },
  opened: 'opened',
  devices: 'Devices',
  devicesOf: (value: number) => count(value, 'device'),
  lane: (name: string, summary: string) => `Wave ${name}: ${summary}`,
  outcome: 'Outcome',
  anyOutcome: 'Any outcome',
  columns: {
    device: 'Device',
    site: 'Site',
    wave: 'Wave',
    outcome: 'Outcome',
    state: 'Last report on this revision',
    cause: 'Cause',
    decided: 'Decided',
  },
  actions: {
    pause: 'Pause',
    resume: 'Resume',
    approve: 'Approve',
    retry: 'Retry failed',
    abort: 'Abort',
    rollback: 'Roll back',
  },
  lead: {
    pause: 'The hub offers the revision to no further device until somebody resumes the rollout.',
    resume: 'The rollout continues. Failures so far are tolerated.',
    approve: 'The next wave opens.',
    retry: 'In open waves, devices that failed, rejected it or timed out try again. Healthy devices stay as they are.',
    abort: 'The rollout ends. No further device gets the revision. Healthy devices keep it.',
    rollback: 'The rollout ends. Every device rolls back to its own last good revision.',
  },
  title: {
    pause: (name: string) => `Pause the rollout of ${name}?`,
    resume: (name: string) => `Resume the rollout of ${name}?`,
    approve: (name: string) => `Open the next wave of ${name}?`,
    retry: (name: string) => `Retry the failed devices of ${name}?`,
    abort: (name: string) => `Abort the rollout of ${name}?`,
    rollback: (name: string) => `Roll back ${name}?`,
  },
  done: {
    pause: (name: string) => `The rollout of ${name} is paused`,
    resume: (name: string) => `The rollout of ${name} continues`,
    approve: (name: string) => `The next wave of ${name} opens`,
    retry: (name: string) => `The failed devices of ${name} try again`,
    abort: (name: string) => `The rollout of ${name} is aborted`,
    rollback: (name: string) => `${name} is rolled back`,
  },
  awaitsApproval: (wave: string) => `Wave ${wave} waits for approval: all before it have passed.`,
  pauseNote: (said: string) => `${capital(said)}.`,
  /** More devices may have failed since then. */
  atPause: (reason: string) => `When it paused: ${reason}`,
  silent: (waits: string) => `The rollout ${waits}.`,
  notPossible: (status: string) => `You cannot do this, because the rollout is ${status.toLowerCase()}`,
  began: 'started',
  changed: 'changed',
} as const
