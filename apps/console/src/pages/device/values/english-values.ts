/** The texts about the values that a device has sent to the hub. */
import { count, number } from '../../../texts/count.ts'

export const valuesTexts = {
  title: 'Signals',
  count: (signals: number) => count(signals, 'signal'),
  filter: 'Filter the signals',
  placeholder: 'Words in a name, source, tag or unit',
  noMatch: 'No signal fits the filter.',
  empty: 'This device has sent no values to the hub',
  emptyHint:
    'Flows send values. Give a flow a sink of the kind “hub”, and deploy it to this device. Values on its disk follow by themselves.',
  toFlows: 'To the flows',
  columns: { signal: 'Signal', newest: 'Newest', from: 'From tag', quality: 'Quality', at: 'When', values: 'Values' },
  show: (signal: string) => `Show ${signal} over time`,
  qualities: { good: 'Good', uncertain: 'Uncertain', bad: 'Bad' },
  values: (values: number) => number.format(values),
  series: 'Over time',
  seriesOf: (signal: string) => `${signal} over time`,
  choose: 'Choose a signal',
  chooseHint: 'Its values over an hour, a day or a week appear here.',
  span: 'Time',
  spans: { '1h': 'Last hour', '6h': 'Last 6 hours', '24h': 'Last 24 hours', '7d': 'Last 7 days' },
  noValues: 'No values in this time',
  newestOf: 'The newest is from',
  neverSent: 'The device has never sent this signal, or the hub does not keep its values any more.',
  noNumbers: 'There is no chart, because this time has only texts or bad values. The table lists them.',
  cut: 'There are too many values for one chart. The chart ends at',
  cutHint: 'Choose a shorter time to see the newest values.',
  ofFlow: 'Values',
  of: (device: string) => `Values of ${device} at the hub`,
} as const
