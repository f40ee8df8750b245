/** Beginning of the tour: makes the missing sample data, and goes to the first step. */
import { problemOf } from '@skerry/client/problem'
import { useSyncExternalStore } from 'react'
import { toast } from '../../components/toasts.tsx'
import { makeSample } from './change-sample.ts'
import { tourTexts as words } from './english-tour.ts'
import { setTourStep } from './tour-state.ts'

let isMaking = false
const listeners = new Set<() => void>()

function setMaking(next: boolean): void {
  isMaking = next
  for (const listener of listeners) listener()
}

/** The sample is made in seconds. Leaving the page does not stop it, because a half sample helps nobody. */
export async function beginTour(): Promise<void> {
  if (isMaking) return
  setMaking(true)
  try {
    await makeSample(new AbortController().signal)
    setTourStep(0)
  } catch (error) {
    toast('bad', words.failed, problemOf(error).message)
  } finally {
    setMaking(false)
  }
}

/** Whether this tab makes the sample now. The button that began it may be gone by then. */
export const useMaking = (): boolean =>
  useSyncExternalStore(
    (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    () => isMaking,
  )
