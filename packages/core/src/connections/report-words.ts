/** Report words: the reports of all devices on a source or a sink, in words. */
import type { ConnectionReports, ConnectionState } from '@skerry/contract/connections/connection'

/** `silent`: its devices do not report now. `unsaid`: no device has reported it. */
export type ReportedState = ConnectionState | 'silent' | 'unsaid'

/** The worst first. */
const WORST_FIRST = [
  'quarantined',
  'refused',
  'crashed',
  'down',
  'connecting',
] as const satisfies readonly ConnectionState[]

/** The English words of the states, inside a sentence. */
export const reportWords: Readonly<Record<ReportedState, string>> = {
  quarantined: 'quarantined',
  refused: 'rejected',
  crashed: 'crashed',
  down: 'down',
  connecting: 'connecting',
  up: 'up',
  silent: 'silent',
  unsaid: 'not reported yet',
}

/** The worst state on any device. A silent device comes after all that report a problem, because its state is unknown. */
export function worstState(reports: ConnectionReports): ReportedState {
  const worst = WORST_FIRST.find((state) => reports.states[state])
  if (worst) return worst
  if (reports.silent > 0) return 'silent'
  return reports.states.up ? 'up' : 'unsaid'
}

/** The place in a list that begins with the worst. */
export const reportRank = (reports: ConnectionReports): number => {
  const order: readonly ReportedState[] = [...WORST_FIRST, 'silent', 'unsaid', 'up']
  return order.indexOf(worstState(reports))
}

/** The states with their numbers, such as `1 down, 3 up`. If all devices have one state, the state alone. */
export function reportsText(reports: ConnectionReports, words = reportWords): string {
  const { states, silent } = reports
  const counts = [...WORST_FIRST, 'up' as const].flatMap((state): [ReportedState, number][] => {
    const count = states[state]
    return count === undefined ? [] : [[state, count]]
  })
  if (silent > 0) counts.push(['silent', silent])
  const [first] = counts
  if (!first) return words.unsaid
  if (counts.length === 1 && first[1] === 1) return words[first[0]]
  return counts.map(([state, count]) => `${count} ${words[state]}`).join(', ')
}

/** The newest error, with its device if there are several. Undefined if no device reports an error. */
export function troubleText({ trouble, states, silent }: ConnectionReports | undefined = NONE): string | undefined {
  if (!trouble) return undefined
  const devices = Object.values(states).reduce((sum, count) => sum + count, silent)
  const what = trouble.message ?? reportWords[trouble.state]
  return devices > 1 ? `${trouble.device}: ${what}` : what
}

const NONE: ConnectionReports = { states: {}, silent: 0, valuesPerSecond: 0 }
