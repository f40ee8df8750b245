/** Number and unit: a short text such as `5m` or `10%`, as a number and a unit that people choose from a list. */

/** The units of a field; the first one counts for a number without a unit. */
export type Units = readonly { unit: string; name: string }[]

type NumberAndUnit = {
  /** The number as typed; the whole text if it is no number with one of the units. */
  number: string
  /** Undefined if the text says more than a number and a unit. */
  unit: string | undefined
}

/** The parts of a text. An empty text has the first unit. */
export function partsOf(text: string, units: Units): NumberAndUnit {
  const [first] = units
  const [, number = '', unit = ''] = /^\s*(\d+(?:\.\d+)?)\s*([a-z%]*)\s*$/i.exec(text) ?? []
  if (text.trim() === '') return { number: '', unit: first?.unit }
  if (number === '') return { number: text, unit: undefined }
  return units.some((each) => each.unit === unit) ? { number, unit } : { number: text, unit: undefined }
}

/** The text of a typed number and a unit. A person may also type a unit, or more than a number: it counts as typed. */
export function textOf(typed: string, unit: string | undefined): string {
  return /^\s*\d+(\.\d+)?\s*$/.test(typed) && unit !== undefined ? `${typed.trim()}${unit}` : typed
}
