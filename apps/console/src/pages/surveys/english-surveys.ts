/** The texts of the pages about surveys. */
import { count, number } from '../../texts/count.ts'

export const surveysTexts = {
  title: 'Surveys',
  back: 'Surveys',
  campaigns: 'Campaigns',
  empty: 'No surveys yet',
  emptyHint:
    'Devices count rows that never leave them, and the hub adds the counts: histograms, quantiles, missing values and classes. Start one from a file: `skerry survey create`.',
  columns: { name: 'Survey', state: 'State', data: 'Data', started: 'Started', rows: 'Rows' },
  states: { train: 'Counting', aggregate: 'Adding counts' },
  by: (name: string) => `by ${name}`,
  lead: (data: string) => `Counts ${data} where it is`,
  counted: (rows: number, devices: number) => `${count(rows, 'row')} of ${count(devices, 'device')}`,
  waiting: 'The result comes when all devices have counted.',
  stop: 'Stop',
  stopTitle: (name: string) => `Stop ${name} for good?`,
  stopLead: 'It has no result, and cannot go on.',
  stopped: (name: string) => `${name} is stopped`,
  values: {
    title: 'Values',
    columns: { name: 'Column', histogram: 'Histogram', range: 'Range', median: 'Median', spread: '5 to 95 %' },
    mean: 'Mean ± deviation',
    outside: 'Outside',
    missing: 'Missing',
    histogram: (name: string, below: number, counts: readonly number[], above: number) =>
      `${name}: ${number.format(below)} below, ${counts.map((each) => number.format(each)).join(' ')}, ${number.format(above)} above`,
    range: (low: string, high: string) => `${low} to ${high}`,
    plusMinus: (mean: string, deviation: string) => `${mean} ± ${deviation}`,
  },
  classes: { title: 'Classes', columns: { label: 'Class', share: 'Share', rows: 'Rows' } },
  facts: {
    title: 'Declared',
    devices: 'Devices',
    privacy: 'Privacy',
    masks: 'masked counts: the hub receives sums only',
    noMasks: 'no masks: the hub receives the counts of each device',
    noise: (epsilon: number | undefined, delta: number) =>
      epsilon === undefined ? `noise, δ ${delta}` : `noise: ε ${epsilon.toFixed(2)}, δ ${delta}`,
    noNoise: 'no noise',
    started: 'Started',
  },
  devices: 'Devices of the survey',
} as const
