/** Condition of a capture: compares the confidence of an answer, or one of its outputs, with a number. */

const FORM = /^\s*([A-Za-z_][\w./-]*(?:\[\d{1,4}\])?)\s*(<=|>=|<|>)\s*(-?\d{1,15}(?:\.\d{1,15})?)\s*$/

/** The word for the confidence of the answer. An output of this name cannot be compared. */
export const CONFIDENCE = 'confidence'

export type Condition = { subject: string; operator: '<' | '<=' | '>' | '>='; limit: number }

/** Undefined for a text that is no condition, such as one of a newer hub. */
export function parseCondition(text: string): Condition | undefined {
  const [, subject, operator, limit] = FORM.exec(text) ?? []
  if (subject === undefined || operator === undefined) return undefined
  return { subject, operator: operator as Condition['operator'], limit: Number(limit) }
}

/** False for NaN: it has no order. */
export function isFulfilled({ operator, limit }: Condition, value: number): boolean {
  switch (operator) {
    case '<':
      return value < limit
    case '<=':
      return value <= limit
    case '>':
      return value > limit
    case '>=':
      return value >= limit
  }
}
