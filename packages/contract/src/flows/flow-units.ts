/** Units that a flow converts between: factor and offset to the first unit of the quantity. [SI Brochure 9; NIST SP 811, appendix B] */
import * as z from 'zod'

/** value in the base unit = (value + offset) * factor */
type UnitFact = { quantity: string; factor: number; offset?: number }

const of = (quantity: string, factors: Readonly<Record<string, number>>): [string, UnitFact][] =>
  Object.entries(factors).map(([unit, factor]) => [unit, { quantity, factor }])

/** As people write them on drawings; `1/min` is what others call rpm. */
const UNITS: ReadonlyMap<string, UnitFact> = new Map<string, UnitFact>([
  ['K', { quantity: 'temperature', factor: 1 }],
  ['°C', { quantity: 'temperature', factor: 1, offset: 273.15 }],
  ['°F', { quantity: 'temperature', factor: 5 / 9, offset: 459.67 }],
  ...of('pressure', { Pa: 1, hPa: 100, mbar: 100, kPa: 1e3, bar: 1e5, MPa: 1e6, psi: 6_894.757293168 }),
  ...of('length', { m: 1, µm: 1e-6, mm: 1e-3, cm: 1e-2, km: 1e3, in: 0.0254, ft: 0.3048 }),
  ...of('speed', { 'm/s': 1, 'mm/s': 1e-3, 'km/h': 1 / 3.6, mph: 0.44704, 'ft/min': 0.00508 }),
  ...of('acceleration', { 'm/s²': 1, g: 9.80665 }),
  ...of('flow', { 'm³/s': 1, 'm³/h': 1 / 3_600, 'l/s': 1e-3, 'l/min': 1e-3 / 60, 'gal/min': 3.785411784e-3 / 60 }),
  ...of('volume', { 'm³': 1, l: 1e-3, ml: 1e-6, gal: 3.785411784e-3 }),
  ...of('mass', { kg: 1, mg: 1e-6, gram: 1e-3, t: 1e3, lb: 0.45359237 }),
  ...of('power', { W: 1, mW: 1e-3, kW: 1e3, MW: 1e6, hp: 745.6998715822702 }),
  ...of('energy', { J: 1, kJ: 1e3, MJ: 1e6, Wh: 3_600, kWh: 3.6e6, MWh: 3.6e9 }),
  ...of('frequency', { Hz: 1, kHz: 1e3, '1/min': 1 / 60 }),
  ...of('angle', { rad: 1, '°': Math.PI / 180 }),
  ...of('time', { s: 1, µs: 1e-6, ms: 1e-3, min: 60, h: 3_600 }),
  ...of('voltage', { V: 1, mV: 1e-3, kV: 1e3 }),
  ...of('current', { A: 1, mA: 1e-3, kA: 1e3 }),
  ...of('ratio', { '1': 1, '%': 1e-2, '‰': 1e-3, ppm: 1e-6 }),
])

export const FlowUnit = z.enum([...UNITS.keys()])

/** What turns a number of one unit into another: value * scale + offset. Undefined where they measure different things. */
export function conversionOf(from: string, to: string): { scale: number; offset: number } | undefined {
  const a = UNITS.get(from)
  const b = UNITS.get(to)
  if (!a || !b || a.quantity !== b.quantity) return undefined
  const scale = a.factor / b.factor
  return { scale, offset: (a.offset ?? 0) * scale - (b.offset ?? 0) }
}
