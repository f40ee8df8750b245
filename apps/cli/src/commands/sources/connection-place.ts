/** Connection place: where a source or a sink is, if it is not in the scope in which somebody looks for it. */
import type { ConnectionKind, ConnectionScope } from '@skerry/contract/connections/connection'
import { exitCodes, Failure } from '../../program/failure.ts'

/** A line names three of them; one more shows that there are others, which `ls` lists. */
const NAMED_MAX = 3
export const ELSEWHERE_MAX = NAMED_MAX + 1

/** The option that chooses a scope. */
export type OptionOf = (scope: ConnectionScope) => string

/** A scope in words, and the usual option for it. */
function partsOf(scope: ConnectionScope): { place: string; option: string } {
  if (scope === 'organisation') return { place: 'for the organisation', option: '--scope organisation' }
  const [level, name] = scope.split(':')
  return { place: `${level === 'site' ? 'at' : 'on'} ${level} ${name}`, option: `--${level} ${name}` }
}

/** Such as `on device press-5`. */
export const placeText = (scope: ConnectionScope): string => partsOf(scope).place

const usualOption: OptionOf = (scope) => partsOf(scope).option

/** A failure that names the scopes that have a connection of this name. */
export function connectionMissing(
  { kind, name, scope }: { kind: ConnectionKind; name: string; scope: ConnectionScope },
  elsewhere: readonly ConnectionScope[],
  optionOf: OptionOf = usualOption,
): Failure {
  return new Failure({
    code: 'connection_unknown',
    message: `there is no ${kind} ${name} ${partsOf(scope).place}`,
    next: nextStep(kind, elsewhere, optionOf),
    exitCode: exitCodes.failed,
  })
}

function nextStep(kind: ConnectionKind, elsewhere: readonly ConnectionScope[], optionOf: OptionOf): string {
  const [only] = elsewhere
  const list = `"skerry ${kind} ls"`
  if (only === undefined) return `${list} lists them`
  if (elsewhere.length === 1) return `exists ${partsOf(only).place}: add ${optionOf(only)}`
  const named = elsewhere.slice(0, NAMED_MAX).map((each) => `${partsOf(each).place} (${optionOf(each)})`)
  const hasMore = elsewhere.length > named.length
  return `exists ${named.join(', ')}${hasMore ? `, and in other scopes, which ${list} lists` : ''}`
}
