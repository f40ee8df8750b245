/** Rollback words: the effect of a rollback in sentences, for the CLI and the console. */
import type { Strategy } from '@skerry/contract/deployments/deployment'
import type { DroppedPart, RollbackCaution, RollbackMove, RollbackPlan } from '@skerry/contract/deployments/rollback'
import { runningWords, wantedWords } from '../../rollouts/views/version-words.ts'
import { formName } from '../form-name.ts'

/** More names than a person reads in a sentence. */
const NAMES_SHOWN = 5

type Shown = Pick<RollbackPlan, 'from' | 'to' | 'spec' | 'dropped' | 'moves' | 'settled'>

/** After `this will`, such as `roll press back to press:1 of revision 1: 2 devices change from version 2 (a, b)`. */
export function rollbackWords(plan: Shown): string {
  const { spec, from, to, moves } = plan
  const changes = moves.map((move) => `${moveWords(move, to.version)} (${moveNames(move)})`)
  const none = `no device changes its version, and no other device gets ${formName(from)}`
  const effect = changes.length === 0 ? none : changes.join(', ')
  return `roll ${spec.name} back to ${formName(to)} of revision ${to.revision}: ${effect}`
}

/** Such as `2 devices change from version 2`. `to` is the version that they get: they may serve another build of it. */
export function moveWords({ count, version }: Pick<RollbackMove, 'count' | 'version'>, to: number): string {
  if (version === undefined)
    return count === 1 ? '1 device serves no version now' : `${count} devices serve no version now`
  return `${countWords(count)} ${count === 1 ? 'changes' : 'change'} from ${version === to ? 'another form of ' : ''}version ${version}`
}

/** The first names, and the number of the others. */
export function moveNames({ devices, count }: Pick<RollbackMove, 'devices' | 'count'>): string {
  const names = devices.slice(0, NAMES_SHOWN).map(({ name }) => name)
  const more = count - names.length
  return `${names.join(', ')}${more > 0 ? ` and ${more} more` : ''}`
}

/**
 * The warnings that a person reads first: the earlier revision was rejected before, or the rollback goes forward. Empty
 * if there are none.
 */
export function rollbackWarnings({ to, caution, forwardFrom }: Warned): string[] {
  return [
    ...(caution ? [`Revision ${to.revision} ${cautionText(caution)}.`] : []),
    ...(forwardFrom === undefined
      ? []
      : [`This goes forward from revision ${forwardFrom} to revision ${to.revision}, not back.`]),
  ]
}

type Warned = Pick<RollbackPlan, 'to' | 'caution' | 'forwardFrom'>

function cautionText({ outcome, reason, by, failed = 0 }: RollbackCaution): string {
  if (outcome === 'failed') return `failed on ${countWords(failed)}`
  const why = by === undefined ? reason : `revision ${by} replaced it with an earlier revision`
  return `was ${outcome === 'aborted' ? 'aborted' : 'rolled back'}${why === undefined ? '' : `: ${why}`}`
}

/** The present state of the devices. Empty if an old hub does not send it. */
export function rollbackPresent({ from, now }: Pick<RollbackPlan, 'from' | 'now'>): string[] {
  const facts = { version: from.version, ...now }
  const wanted = wantedWords(facts)
  const running = runningWords(facts)
  return [
    ...(wanted === undefined ? [] : [`wanted now: ${wanted}`]),
    ...(running ? [`running by the last reports: ${running}`] : []),
  ]
}

/** How the rollback proceeds, a fact a sentence. */
export function rollbackFacts({ from, spec, moves, settled, dropped }: Shown): string[] {
  return [
    moves.length > 0 ? changeWords(spec.probation.seconds) : NOTHING_MOVES,
    ...(settled > 0 ? [`${countWords(settled)} ${settled === 1 ? 'serves' : 'serve'} that version already.`] : []),
    ...nextWavesWords(spec.strategy),
    ...dropped.map((part) => `The strategy loses ${droppedWords[part]} of revision ${from.revision}; set it again.`),
  ]
}

/** The waves have no effect on the rollback itself. Empty without waves. */
export const nextWavesWords = ({ waves }: Pick<Strategy, 'waves'>): string[] =>
  waves.length > 0 ? ['The next version uses the waves of the strategy again.'] : []

const NOTHING_MOVES = 'There is nothing to move, so no device needs any time.'

const changeWords = (seconds: number) =>
  seconds === 0
    ? 'These devices change at once.'
    : `These devices change at once, each with a probation of ${seconds} s.`

const droppedWords: Readonly<Record<DroppedPart, string>> = {
  shadow: 'the shadow stage',
  switchOver: 'the switch',
}

const countWords = (count: number) => (count === 1 ? '1 device' : `${count} devices`)
