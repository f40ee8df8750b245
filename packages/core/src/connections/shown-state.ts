/**
 * Shown state: the state of a source or a sink as people see it. A device that tries again every few seconds would
 * show "connecting" half of the time, without the error and with a new time. So a retry counts as part of the outage.
 */
export type ShownState<State extends { kind: string }> = { state: State; sinceMs: number }

const OUTAGE: ReadonlySet<string> = new Set(['down', 'crashed'])

/** The shown state after a new state. An outage keeps the time of its beginning, and has its newest error. */
export function shownAfter<State extends { kind: string }>(
  before: ShownState<State>,
  state: State,
  nowMs: number,
): ShownState<State> {
  if (!OUTAGE.has(before.state.kind)) return { state, sinceMs: nowMs }
  if (state.kind === 'connecting') return before
  return { state, sinceMs: OUTAGE.has(state.kind) ? before.sinceMs : nowMs }
}
