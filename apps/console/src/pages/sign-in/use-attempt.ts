/** Attempt: a request that the hub may reject. After that, the hub may not accept another for a while. */
import { type Problem, problemOf } from '@skerry/client/problem'
import { useEffect, useState } from 'react'

export type Attempt = {
  go: () => Promise<void>
  isBusy: boolean
  problem: Problem | undefined
  /** Seconds until the next attempt counts; 0 if it counts now. */
  waitSeconds: number
  /** Whether the person had to wait since the last attempt. */
  hasWaited: boolean
  forget: () => void
}

/** Runs the request when the caller calls `go`, and keeps a thrown error as `problem`. */
export function useAttempt(run: () => Promise<void>): Attempt {
  const [isBusy, setBusy] = useState(false)
  const [problem, setProblem] = useState<Problem>()
  const [waitUntilMs, setWaitUntilMs] = useState(0)
  const waitSeconds = useSecondsUntil(waitUntilMs)
  const forget = () => setProblem(undefined)
  const go = async () => {
    setBusy(true)
    forget()
    setWaitUntilMs(0)
    try {
      await run()
    } catch (thrown) {
      const met = problemOf(thrown)
      setProblem(met)
      setWaitUntilMs(Date.now() + waitMsOf(met))
    }
    setBusy(false)
  }
  return { go, isBusy, problem, waitSeconds, hasWaited: problem !== undefined && waitMsOf(problem) > 0, forget }
}

/** The same for a proof by password. `onCode` is called if the hub wants a code as well. */
export const useProof = (run: () => Promise<void>, onCode: () => void): Attempt =>
  useAttempt(async () => {
    try {
      await run()
    } catch (thrown) {
      if (problemOf(thrown).code !== 'second_factor_missing') throw thrown
      onCode()
    }
  })

function waitMsOf({ data }: Problem): number {
  const ms = typeof data === 'object' && data !== null && 'retryAfterMs' in data ? data.retryAfterMs : 0
  return typeof ms === 'number' && ms > 0 ? ms : 0
}

function useSecondsUntil(untilMs: number): number {
  const [nowMs, setNowMs] = useState(Date.now)
  const isOver = nowMs >= untilMs
  useEffect(() => {
    setNowMs(Date.now())
    if (untilMs === 0 || isOver) return
    const timer = setInterval(() => setNowMs(Date.now()), 500)
    return () => clearInterval(timer)
  }, [untilMs, isOver])
  return isOver ? 0 : Math.ceil((untilMs - nowMs) / 1_000)
}
