/** Input text: fields of a request's input as text. The input may be anything. */

/** The field as a text; empty if it is none. */
export const textOf = (value: unknown): string =>
  typeof value === 'string' || typeof value === 'number' ? String(value) : ''

/** The field as a list of texts. */
export const textsOf = (value: unknown): string[] => (Array.isArray(value) ? value.map(textOf) : [])
