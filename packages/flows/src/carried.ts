/** Carried: what a flow that is changed hands to the one that takes its place, besides the state of its steps. */
import type { Flow } from '@skerry/contract/flows/flow'
import { newSample, type ReorderBuffer } from '@skerry/core/flow/reorder-buffer'
import type { Level, LevelInput } from './level.ts'
import { copyInto } from './packet.ts'

export type Carried = {
  flow: Flow
  inputs: LevelInput[]
  levels: Level[]
  buffer: ReorderBuffer
  times: Times
}

/** `newestMs`: of the newest sample, `newestReceivedMs`: when it came; `limitMs`: what is not later is waited for no longer. */
type Times = { newestMs: number; newestReceivedMs: number; limitMs: number }

/** What was said last is still so; that it was said in an instant of the flow before does not matter. */
export function carrySignals(it: Carried, before: Carried, stays: ReadonlySet<string>): void {
  const was = before.levels
  const placeBefore = new Map([...before.flow.inputs, ...before.flow.steps].map(({ name }, place) => [name, place]))
  for (const [place, { name }] of [...it.flow.inputs, ...it.flow.steps].entries()) {
    const from = placeBefore.get(name)
    if (!stays.has(name) || from === undefined) continue
    for (const [at, level] of it.levels.entries()) {
      const then = was[at]?.signals[from]
      const now = level.signals[place]
      if (!then || !now || then.instant < 0) continue
      copyInto(then, now)
      now.timeMs = then.timeMs
      now.instant = 0
    }
  }
}

/** What still waits for what is older, where its input is as before. */
export function carrySamples(it: Carried, before: Carried, stays: ReadonlySet<string>): void {
  const { buffer, inputs } = before
  const sample = newSample()
  while (buffer.size > 0) {
    buffer.shift(sample)
    const name = inputs[sample.input]?.input.name ?? ''
    const place = it.inputs.findIndex(({ input }) => input.name === name)
    if (place < 0 || !stays.has(name)) continue
    sample.input = place
    it.buffer.push(sample)
  }
}
