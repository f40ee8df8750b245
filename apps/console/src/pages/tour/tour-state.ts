/** Tour state: the step of the guided tour in this tab. It survives a reload, and ends with the tab. */
import { useSyncExternalStore } from 'react'

const KEY = 'skerry-tour'
const listeners = new Set<() => void>()

/** The number of the step, or null if nobody takes the tour. */
function readStep(): number | null {
  const step = Number(window.sessionStorage.getItem(KEY) ?? Number.NaN)
  return Number.isInteger(step) && step >= 0 ? step : null
}

/** Goes to a step; null ends the tour. */
export function setTourStep(step: number | null): void {
  if (step === null) window.sessionStorage.removeItem(KEY)
  else window.sessionStorage.setItem(KEY, String(step))
  for (const listener of listeners) listener()
}

export const useTourStep = (): number | null =>
  useSyncExternalStore((listener) => {
    listeners.add(listener)
    return () => listeners.delete(listener)
  }, readStep)
