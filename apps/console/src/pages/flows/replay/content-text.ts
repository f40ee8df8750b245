/** Content text: what a sink is told, in few enough letters to be read. */
import type { FlowContent } from '@skerry/contract/flows/flow-recording'
import { shortNumber } from '../../../components/charts/short-number.ts'

const NUMBERS_SHOWN = 8

export function contentText(value: FlowContent): string {
  if (typeof value === 'number') return shortNumber(value)
  if (typeof value === 'string') return value
  const shown = value.slice(0, NUMBERS_SHOWN).map(shortNumber).join(', ')
  return value.length > NUMBERS_SHOWN ? `[${shown}, … ${value.length}]` : `[${shown}]`
}
