/** Spectrum: how much of each frequency is in a window. */
import type { FlowStep } from '@skerry/contract/flows/flow-step'
import { columnOf } from '@skerry/core/flow/measure'
import type { WindowContent } from '@skerry/core/flow/signal'
import FFT from 'fft.js'

export type SpectrumRule = Pick<Extract<FlowStep, { kind: 'fft' }>, 'column' | 'output' | 'taper' | 'centre'>

/** Lines from 0 to half the rate. The array is written anew by each call. */
export function createSpectrum(rule: SpectrumRule, samples: number): (window: WindowContent) => Float64Array {
  const fft = new FFT(samples)
  const complex = fft.createComplexArray()
  const lines = new Float64Array(samples / 2 + 1)
  const taper = taperOf(rule.taper, samples)
  // A sine of amplitude 1 stands as 1, whatever the taper takes away.
  const gain = 1 / taper.reduce((sum, weight) => sum + weight, 0)
  return (window) => {
    const values = columnOf(window, rule.column)
    const mean = rule.centre ? values.reduce((sum, value) => sum + value, 0) / samples : 0
    fft.realTransform(
      complex,
      values.map((value, at) => (value - mean) * (taper[at] ?? 1)),
    )
    for (let line = 0; line < lines.length; line++) {
      // What lies below 0 mirrors what lies above; 0 and half the rate have no mirror.
      const sides = line === 0 || line === samples / 2 ? 1 : 2
      const magnitude = Math.hypot(complex[line * 2] ?? 0, complex[line * 2 + 1] ?? 0) * gain * sides
      lines[line] = rule.output === 'power' ? magnitude ** 2 : magnitude
    }
    return lines
  }
}

/** [Harris 1978] The periodic Hann window, as for spectra. */
const taperOf = (taper: SpectrumRule['taper'], samples: number) =>
  Float64Array.from({ length: samples }, (_, at) =>
    taper === 'hann' ? 0.5 - 0.5 * Math.cos((2 * Math.PI * at) / samples) : 1,
  )
