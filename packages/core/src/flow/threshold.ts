/**
 * Threshold: on or off, with a way back of its own (hysteresis), and only after it has been so for a while (debounce).
 */

export type ThresholdRule = {
  above?: number | undefined
  below?: number | undefined
  clear?: number | undefined
  forMs: number
  clearForMs: number
}

/** `sinceMs`: since when the value contradicts `isOn`, without a pause. */
export type ThresholdState = { isOn: boolean; sinceMs: number | undefined }

export const OFF: ThresholdState = { isOn: false, sinceMs: undefined }

/** The state after a value. */
export function thresholdAfter(
  rule: ThresholdRule,
  state: ThresholdState,
  value: number,
  nowMs: number,
): ThresholdState {
  if (isBeyond(rule, value, state.isOn) === state.isOn) return { isOn: state.isOn, sinceMs: undefined }
  return ripen(rule, { isOn: state.isOn, sinceMs: state.sinceMs ?? nowMs }, nowMs)
}

/** The state at a time without a new value. */
export function ripen(rule: ThresholdRule, state: ThresholdState, nowMs: number): ThresholdState {
  return nowMs >= turnsAtMs(rule, state) ? { isOn: !state.isOn, sinceMs: undefined } : state
}

/** When it turns, unless the value changes before. */
export const turnsAtMs = ({ forMs, clearForMs }: ThresholdRule, { isOn, sinceMs }: ThresholdState): number =>
  sinceMs === undefined ? Number.POSITIVE_INFINITY : sinceMs + (isOn ? clearForMs : forMs)

/** While it is on, everything up to the level of the way back still counts as beyond. */
function isBeyond({ above, below, clear }: ThresholdRule, value: number, isOn: boolean): boolean {
  if (above !== undefined) return value > (isOn ? (clear ?? above) : above)
  const level = below ?? Number.NEGATIVE_INFINITY
  return value < (isOn ? (clear ?? level) : level)
}
