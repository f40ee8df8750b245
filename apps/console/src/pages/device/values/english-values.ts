/** The texts about values of a device at the hub. */
import { count, number } from '../../../texts/count.ts'

export const valuesTexts = {
  title: 'Signals',
  count: (signals: number) => count(signals, 'signal'),
  filter: 'Filter the signals',
  placeholder: 'Words in a name or unit',
  noMatch: 'No signal fits the filter.',
  empty: 'This device has sent no values to the hub',
  emptyHint:
    'Flows send them: give one a sink of the kind “hub”, and deploy it to this device. Values that wait on its disk come by themselves.',
  toFlows: 'To the flows',
  columns: { signal: 'Signal', newest: 'Newest', quality: 'Quality', at: 'When', values: 'Values' },
  show: (signal: string) => `Show ${signal} over a time`,
  qualities: { good: 'Good', uncertain: 'Uncertain', bad: 'Bad' },
  values: (values: number) => number.format(values),
  series: 'Over a time',
  seriesOf: (signal: string) => `${signal} over a time`,
  choose: 'Choose a signal',
  chooseHint: 'What it said over an hour, a day or a week shows here.',
  span: 'Time',
  spans: { '1h': 'Last hour', '6h': 'Last 6 hours', '24h': 'Last 24 hours', '7d': 'Last 7 days' },
  noValues: 'No values in this time',
  newestOf: 'The newest is of',
  neverSent: 'The device has never sent this signal, or the hub does not keep its values any more.',
  noNumbers: 'No numbers came in this time, only texts or what is bad. The table says when.',
  cut: 'There are more values than are looked at once: what is drawn ends at',
  cutHint: 'A shorter time shows the newest.',
  ofFlow: 'Values',
  of: (device: string) => `Values of ${device} at the hub`,
} as const
