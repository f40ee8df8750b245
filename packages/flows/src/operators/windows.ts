/** Windows: operators that gather samples, and those that measure what was gathered. */
import type { FlowShape } from '@skerry/contract/flows/flow-shape'
import type { FlowStep } from '@skerry/contract/flows/flow-step'
import { measure } from '@skerry/core/flow/measure'
import { createSampleWindow, type SampleWindow } from '@skerry/core/flow/sample-window'
import {
  hasSpoken,
  isWindow,
  newSignal,
  type Operator,
  QUALITY,
  type Signal,
  tellNumber,
  type WindowContent,
} from '@skerry/core/flow/signal'
import { gridAfter, gridFrom } from '@skerry/core/flow/tensors/grid'
import { firstOf, keep, NEVER_MS, soundOperator } from './operator.ts'
import { createSpectrum } from './spectrum.ts'

type Of<Kind extends FlowStep['kind']> = Extract<FlowStep, { kind: Kind }>
type Window<By extends Of<'window'>['by']> = Extract<Of<'window'>, { by: By }>

export function createWindow(step: Of<'window'>, columns: number): Operator {
  switch (step.by) {
    case 'count':
      return createCountWindow(step, createSampleWindow({ samples: step.samples, columns }))
    case 'time':
      return createTimeWindow(step, createSampleWindow({ samples: step.samplesMax, columns }))
    case 'session':
      return createSessionWindow(step, createSampleWindow({ samples: step.samplesMax, columns }))
  }
}

/** A window is as good as the worst in it. */
function tellWindow(window: SampleWindow, newest: Signal, out: Signal): true {
  out.quality = window.worst()
  out.cause = undefined
  if (out.quality !== QUALITY.good) out.cause = newest.cause ?? DOUBTFUL[out.quality]
  out.number = Number.NaN
  out.other = window.content()
  return true
}

const DOUBTFUL = {
  [QUALITY.uncertain]: { code: 'sample_uncertain', message: 'a sample in the window is uncertain' },
  [QUALITY.bad]: { code: 'sample_bad', message: 'a sample in the window is bad' },
}

function createCountWindow({ samples, every }: Window<'count'>, window: SampleWindow): Operator {
  let untilTold = samples
  return {
    dueMs: NEVER_MS,
    dropped: 0,
    run(from, _instant, out) {
      window.push(firstOf(from))
      untilTold -= 1
      if (untilTold > 0) return false
      untilTold = every
      return tellWindow(window, firstOf(from), out)
    },
  }
}

function createTimeWindow({ lastMs, everyMs, samplesMin }: Window<'time'>, window: SampleWindow): Operator {
  const it: Operator = {
    dueMs: NEVER_MS,
    dropped: 0,
    run(from, instant, out) {
      const signal = firstOf(from)
      if (hasSpoken(signal, instant)) {
        window.dropUntil(instant.timeMs - lastMs)
        if (window.push(signal)) it.dropped += 1
        if (it.dueMs === NEVER_MS) it.dueMs = gridFrom(instant.timeMs, everyMs)
      }
      if (instant.timeMs < it.dueMs) return false
      window.dropUntil(instant.timeMs - lastMs)
      it.dueMs = window.count === 0 ? NEVER_MS : gridAfter(instant.timeMs, everyMs)
      return window.count >= samplesMin && tellWindow(window, signal, out)
    },
  }
  return it
}

function createSessionWindow({ gapMs, samplesMax }: Window<'session'>, window: SampleWindow): Operator {
  let isTold = false
  // Spoke in the very instant in which the pause before it was long enough, so it begins the next.
  const next = newSignal()
  const begin = () => {
    window.clear()
    if (next.instant >= 0) window.push(next)
    next.instant = -1
    isTold = false
  }
  const it: Operator = {
    dueMs: NEVER_MS,
    dropped: 0,
    run(from, instant, out) {
      if (isTold) begin()
      const signal = firstOf(from)
      const isNews = hasSpoken(signal, instant)
      const isOver = instant.timeMs >= it.dueMs
      if (isNews && isOver) keep(signal, next)
      else if (isNews) window.push(signal)
      it.dueMs = isNews ? instant.timeMs + gapMs : NEVER_MS
      if (!isOver && window.count < samplesMax) return false
      if (!isOver) it.dueMs = NEVER_MS
      isTold = true
      return tellWindow(window, signal, out)
    },
  }
  return it
}

const windowOf = ({ other }: Signal): WindowContent => {
  if (!isWindow(other)) throw new Error('a step that takes a window was given something else')
  return other
}

export function createStatistics({ of }: Of<'statistics'>): Operator {
  let row = new Float64Array(0)
  return soundOperator((from, out) => {
    const window = windowOf(firstOf(from))
    const [only] = of
    if (only !== undefined && of.length * window.columns === 1) return tellNumber(out, measure(only, window, 0))
    if (row.length !== of.length * window.columns) row = new Float64Array(of.length * window.columns)
    let at = 0
    for (let column = 0; column < window.columns; column++) {
      for (const one of of) row[at++] = measure(one, window, column)
    }
    out.other = row
    return true
  })
}

export function createFft(step: Of<'fft'>, window: FlowShape): Operator {
  const spectrum = createSpectrum(step, window.kind === 'window' ? window.samples : 0)
  return soundOperator((from, out) => {
    out.other = spectrum(windowOf(firstOf(from)))
    return true
  })
}
