/** Runs: sends requests to the chosen device, keeps the last answers of this page, and knows which of them is shown. */
import { problemOf } from '@skerry/client/problem'
import type { InferAnswer, NamedTensor } from '@skerry/contract/models/infer'
import { useEffect, useRef, useState } from 'react'
import { hub } from '../../hub/hub-client.ts'

export type RunRecord = {
  id: number
  atMs: number
  device: string
  /** From the click to the answer, in this browser. */
  tripUs: number
  /** The index of the golden case whose inputs were sent, if they were those of a case. */
  goldenCase: number | undefined
  outcome: { ok: true; answer: InferAnswer } | { ok: false; code: string; message: string }
}

/** One screen of runs. Each keeps its outputs in memory. */
const RUNS_MAX = 10

type Question = {
  device: string
  model: string
  version: number
  inputs: readonly NamedTensor[]
  goldenCase: number | undefined
}

/** The runs of this page, newest first. */
export function useRuns() {
  const [runs, setRuns] = useState<readonly RunRecord[]>([])
  const [shownId, setShownId] = useState<number>()
  const [asking, setAsking] = useState<string>()
  const current = useRef<AbortController>(null)
  const lastId = useRef(0)
  // Leaving the page cancels the run.
  useEffect(() => () => current.current?.abort(), [])

  const run = async ({ device, model, version, inputs, goldenCase }: Question) => {
    const controller = new AbortController()
    current.current = controller
    setAsking(device)
    const startMs = performance.now()
    const outcome = await hub.device
      .infer({ device, model, version, inputs: [...inputs], outputsAs: 'raw' }, { signal: controller.signal })
      .then((answer) => ({ ok: true as const, answer }))
      .catch((error: unknown) => ({ ok: false as const, ...problemOf(error) }))
    const tripUs = Math.round((performance.now() - startMs) * 1_000)
    setAsking(undefined)
    if (controller.signal.aborted) return
    lastId.current += 1
    const record = { id: lastId.current, atMs: Date.now(), device, tripUs, goldenCase, outcome }
    setRuns((before) => [record, ...before].slice(0, RUNS_MAX))
    setShownId(record.id)
  }
  return {
    runs,
    shown: runs.find(({ id }) => id === shownId),
    show: setShownId,
    asking,
    run,
    stop: () => current.current?.abort(),
  }
}
