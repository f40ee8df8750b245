/** The texts of charts over time. */
import { count, number } from './count.ts'

export const seriesTexts = {
  mean: 'mean',
  band: 'minimum to maximum',
  gap: 'no values',
  bad: 'some bad',
  values: (values: number, bad: number) => `${count(values, 'value')}${bad === 0 ? '' : `, ${number.format(bad)} bad`}`,
  bounds: (min: string, mean: string, max: string) => `${min} to ${max}, mean ${mean}`,
  said: ({ name, values, bad, bounds, unit }: Said) =>
    `${name}: ${seriesTexts.values(values, bad)}${bounds === undefined ? '' : `, from ${bounds.low} to ${bounds.high}${unit === undefined ? '' : ` ${unit}`}`}. The table below has the same data.`,
  table: 'As a table',
  columns: { at: 'From', count: 'Values', bad: 'Bad', min: 'Minimum', mean: 'Mean', max: 'Maximum' },
}

type Said = {
  name: string
  values: number
  bad: number
  bounds: { low: string; high: string } | undefined
  unit: string | undefined
}
