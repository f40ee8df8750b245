/**
 * Judge commit: whether the hub applies the newest commit of a Git source. A commit is applied once. Afterwards a person
 * may change the hub, such as by a rollback in an emergency, and the hub must not undo that by itself, unless the source
 * says so.
 */
import type { GitProblemCode, GitSourceSpec, GitSourceState } from '@skerry/contract/git-sources/git-source'

export type CommitFacts = {
  /** The name of the source, for commands in messages. */
  name: string
  isPaused: boolean
  head: string
  /** The commit that was applied last. */
  applied: string | undefined
  /** The commit whose effects a person has accepted. */
  accepted: string | undefined
  /** Whether the source demands signatures. */
  isSigned: boolean
  /** Whether the history of the head contains the applied commit. */
  isDescendant: boolean
  onDrift: GitSourceSpec['onDrift']
  /** Documents that differ from the hub. */
  differing: number
  /** Effects that a person has to accept, as phrases after `this would`. */
  consents: readonly string[]
}

export type CommitVerdict =
  | { isApplied: true }
  | {
      isApplied: false
      state: Exclude<GitSourceState, 'new' | 'failed'>
      problem?: { code: GitProblemCode; message: string }
    }

export function judgeCommit(facts: CommitFacts): CommitVerdict {
  const { isPaused, head, applied, accepted, onDrift, differing, consents } = facts
  if (isPaused) return { isApplied: false, state: 'paused' }
  const isAccepted = accepted === head
  if (isRewound(facts) && !isAccepted) return waiting('git_rewound', rewoundText(facts))
  if (differing === 0) return { isApplied: false, state: 'current' }
  if (head === applied && onDrift === 'show' && !isAccepted) return { isApplied: false, state: 'drifted' }
  if (consents.length > 0 && !isAccepted)
    return waiting('git_acceptance_needed', `this would ${consents.join('; and ')}; ${acceptText(facts)}`)
  return { isApplied: true }
}

/** A server could present an older commit, whose signature is still good. */
const isRewound = ({ isSigned, applied, head, isDescendant }: CommitFacts) =>
  isSigned && applied !== undefined && applied !== head && !isDescendant

const rewoundText = ({ name, head, applied = '' }: CommitFacts) =>
  `the branch does not contain the applied commit ${applied.slice(0, 12)} any more: somebody rewrote its history, or the server shows an old state; ${acceptText({ name, head })}`

const acceptText = ({ name, head }: Pick<CommitFacts, 'name' | 'head'>) =>
  `to accept it, run "skerry git-source sync ${name} --accept ${head}"`

const waiting = (code: GitProblemCode, message: string): CommitVerdict => ({
  isApplied: false,
  state: 'waiting',
  problem: { code, message },
})
