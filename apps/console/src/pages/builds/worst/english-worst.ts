/** The texts of the picture of worst nodes. */
import { number } from '../../../texts/count.ts'

export const worstTexts = {
  title: 'Worst nodes',
  hint: 'The error of each node alone, in standard deviations (σ) of its result. The line goes through the model, from its inputs to its outputs. Hollow marks are nodes that stayed in float.',
  label: (recipe: string) => `Worst nodes of ${recipe}`,
  input: 'input',
  output: 'output',
  error: (value: number) => `${Number(value.toPrecision(2))} σ`,
  place: (at: number, of: number) => `${number.format(at)} of ${number.format(of)}`,
  float: 'float',
  bits: 'fewer bits',
  more: (value: number) => `and ${number.format(value)} more, in the JSON of the optimisation`,
} as const
