/** Use trial: lets a device try something once, until it answers or the person leaves. */
import { type Problem, problemOf } from '@skerry/client/problem'
import { useEffect, useRef, useState } from 'react'

export type Trial<Wish, Found> =
  | { kind: 'none' | 'cancelled' }
  | { kind: 'running'; wish: Wish; sinceMs: number }
  | { kind: 'read'; wish: Wish; found: Found; heardAtMs: number }
  | { kind: 'failed'; wish: Wish; problem: Problem }

export function useTrial<Wish, Found>(ask: (wish: Wish, signal: AbortSignal) => Promise<Found>) {
  const [trial, setTrial] = useState<Trial<Wish, Found>>({ kind: 'none' })
  const running = useRef<AbortController>(undefined)
  // Leaving the page cancels the trial on the device too.
  useEffect(() => () => running.current?.abort(), [])
  const begin = async (wish: Wish) => {
    running.current?.abort()
    const controller = new AbortController()
    running.current = controller
    setTrial({ kind: 'running', wish, sinceMs: Date.now() })
    const next = await ask(wish, controller.signal).then(
      (found) => ({ kind: 'read' as const, wish, found, heardAtMs: Date.now() }),
      (error: unknown) => ({ kind: 'failed' as const, wish, problem: problemOf(error) }),
    )
    if (!controller.signal.aborted) setTrial(next)
  }
  const cancel = () => {
    running.current?.abort()
    setTrial({ kind: 'cancelled' })
  }
  return { trial, begin, cancel }
}
