/**
 * Launch plan: the decisions of the launcher. It picks the version of the agent that starts, and judges the end of a
 * version. Pure, and without imports: the launcher is a plain program that outlives the versions which it starts.
 */

/** A version that has not proved itself. Written before it starts; the version removes it when it commits. */
export type Trial = {
  /** The 64 hexadecimal digits that name its folder. */
  digest: string
  /** Counted up before each start. A power cut is nobody's fault, but one that comes again and again is. */
  starts: number
  /** The version must commit within this time, by the monotonic clock. */
  deadlineSeconds: number
  /** It commits this long after the first answer of its hub. */
  probationSeconds: number
  /** The retry token of its item: a person who bumps it wants another try. */
  retryToken: number
}

/** A version that has committed and has not run for a minute since. `falls`: how often it has ended by itself. */
export type Fresh = Pick<Trial, 'digest' | 'retryToken'> & { falls: number }

export type LaunchState = {
  /** Names of complete folders. */
  versions: ReadonlySet<string>
  current?: string | undefined
  previous?: string | undefined
  trial?: Trial | undefined
  fresh?: Fresh | undefined
}

export type LaunchStep =
  /** `trial` is written first, if there is one. */
  | { kind: 'start'; digest: string; trial?: Trial }
  /** The trial version is given up, and its failure remembered. The next step starts another version. */
  | { kind: 'give-up'; trial: Trial; code: string; message: string }
  /** The version has committed, and only the note of its trial is left. */
  | { kind: 'settle'; trial: Trial }
  | { kind: 'none' }

/** By this exit code the agent tells its launcher to read the disk again, and to start the version that is named there. */
export const HANDED_OVER = 75

/** Starts of a trial that something else cut short, such as power cuts. The third one would be the version's fault. */
export const TRIAL_STARTS_MAX = 3

/** Ends of a fresh version within a minute of their start. One may have a cause outside; the third one has not. */
export const FALLS_MAX = 3

/** The next step, from the state of the disk alone: so a kill at any moment changes nothing. */
export function nextLaunch({ versions, current, previous, trial }: LaunchState): LaunchStep {
  if (trial) {
    if (trial.digest === current) return { kind: 'settle', trial }
    if (!versions.has(trial.digest)) return giveUp(trial, 'agent_missing', 'the folder of the version is not complete')
    if (trial.starts >= TRIAL_STARTS_MAX) {
      const message = `the version was started ${trial.starts} times, and something cut each start short`
      return giveUp(trial, 'agent_interrupted', message)
    }
    return { kind: 'start', digest: trial.digest, trial: { ...trial, starts: trial.starts + 1 } }
  }
  const digest = [current, previous].find((name) => name !== undefined && versions.has(name))
  return digest === undefined ? { kind: 'none' } : { kind: 'start', digest }
}

/** The end of a started version. `stopped`: the launcher was told to stop. */
export type LaunchEnd =
  | { kind: 'exit'; code: number | null; signal: string | null }
  | { kind: 'overdue' }
  | { kind: 'memory'; bytes: number }

export type EndStep = { kind: 'again' } | { kind: 'wait' } | { kind: 'leave'; code: number } | GiveUp

/** A fall of a fresh version: the note of it, or with the third one the failure of the version. */
export type Relapse =
  | { kind: 'relapse'; failure: Fresh & { code: string; message: string } }
  | { kind: 'fall'; fresh: Fresh }

type GiveUp = Extract<LaunchStep, { kind: 'give-up' }>

/** Exit codes of the agent: 0 stopped or wiped, 2 wrong arguments. Another start would not change them. */
const FINAL: ReadonlySet<number | null> = new Set([0, 2])

/** `trial`: the note of the trial that is still on the disk, if the version is on trial. */
export function afterEnd(end: LaunchEnd, trial: Trial | undefined, isStopping: boolean): EndStep {
  if (end.kind === 'exit' && isStopping) return { kind: 'leave', code: end.code ?? 0 }
  if (end.kind === 'exit' && end.code === HANDED_OVER) return { kind: 'again' }
  if (trial) return giveUp(trial, ...reasonOf(end, trial))
  if (end.kind === 'exit' && FINAL.has(end.code)) return { kind: 'leave', code: end.code ?? 0 }
  return { kind: 'wait' }
}

/** A fresh version has ended by itself, soon after its start. Without a version before it, the launcher can only repeat. */
export function afterFall({ fresh, current, previous, versions }: LaunchState): Relapse | undefined {
  if (!fresh || fresh.digest !== current || previous === undefined || previous === current) return undefined
  if (!versions.has(previous)) return undefined
  const fallen = { ...fresh, falls: fresh.falls + 1 }
  if (fallen.falls < FALLS_MAX) return { kind: 'fall', fresh: fallen }
  const message = `the version had proved itself, and then ended by itself ${fallen.falls} times within a minute of its start`
  return { kind: 'relapse', failure: { ...fallen, code: 'agent_crashed', message } }
}

function reasonOf(end: LaunchEnd, { deadlineSeconds }: Trial): [code: string, message: string] {
  if (end.kind === 'overdue') {
    return [
      'agent_unconfirmed',
      `the version did not prove itself within ${deadlineSeconds} s: it hung, or did not reach its hub`,
    ]
  }
  if (end.kind === 'memory')
    return ['agent_memory', `the version used ${Math.round(end.bytes / 1024 ** 2)} MiB of memory`]
  return ['agent_crashed', `the version ended by itself, with ${end.signal ?? `exit code ${end.code}`}`]
}

const giveUp = (trial: Trial, code: string, message: string): GiveUp => ({ kind: 'give-up', trial, code, message })
