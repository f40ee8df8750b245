import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createSpectrum } from './spectrum.ts'

const windowOf = (values: Float64Array) => ({ rows: values.length, columns: 1, values, timesMs: values })
const sine = (samples: number, line: number, amplitude: number) =>
  Float64Array.from({ length: samples }, (_, at) => 3 + amplitude * Math.sin((2 * Math.PI * line * at) / samples))

test('a sine stands as its amplitude at its own line, whatever the taper', () => {
  const line = fc.integer({ min: 3, max: 29 })
  fc.assert(
    fc.property(
      line,
      fc.double({ min: 0.1, max: 100, noNaN: true }),
      fc.constantFrom('hann', 'none'),
      (at, amplitude, taper) => {
        const spectrum = createSpectrum({ column: 0, output: 'magnitude', taper, centre: true }, 64)
        const lines = spectrum(windowOf(sine(64, at, amplitude)))
        expect(lines[at]).toBeCloseTo(amplitude, 6)
        expect(Math.abs(lines[0] ?? 1)).toBeLessThan(1e-6 * amplitude + 1e-9)
        expect(lines.length).toBe(33)
      },
    ),
  )
})

test('lines are those of the transform as it is defined', () => {
  const samples = 16
  fc.assert(
    fc.property(
      fc.array(fc.double({ min: -10, max: 10, noNaN: true }), { minLength: samples, maxLength: samples }),
      (list) => {
        const lines = createSpectrum(
          { column: 0, output: 'power', taper: 'none', centre: false },
          samples,
        )(windowOf(Float64Array.from(list)))
        for (const [line, power] of lines.entries()) {
          let real = 0
          let imaginary = 0
          for (const [at, value] of list.entries()) {
            real += value * Math.cos((2 * Math.PI * line * at) / samples)
            imaginary -= value * Math.sin((2 * Math.PI * line * at) / samples)
          }
          const sides = line === 0 || line === samples / 2 ? 1 : 2
          expect(power).toBeCloseTo(((Math.hypot(real, imaginary) / samples) * sides) ** 2, 6)
        }
      },
    ),
  )
})
