/** The texts of the pages about monitors. */
import type { FeatureFinding, MonitorAct, MonitorState } from '@skerry/contract/monitors/monitor'
import { count, number } from '../../texts/count.ts'

const states: Readonly<Record<MonitorState, string>> = {
  ok: 'As the reference',
  warn: 'Has moved a little',
  alert: 'Has moved',
  waiting: 'Too few rows yet',
  quiet: 'No values now',
  unprofiled: 'No reference',
}

const findings: Readonly<Record<FeatureFinding, string>> = {
  drift: 'distribution has moved',
  missing: 'values are missing',
  stuck: 'stuck at one value',
}

const outcomes: Readonly<Record<MonitorAct['outcome'], string>> = {
  done: 'Done',
  'dry-run': 'Dry run',
  failed: 'Failed',
}

export const monitorsTexts = {
  title: 'Monitors',
  count: (rows: number) => count(rows, 'monitor'),
  filter: 'Filter the monitors',
  noMatch: 'No monitor fits the filter.',
  empty: 'No monitors yet',
  emptyHint:
    'A monitor shows when the inputs or outputs of a model move away from its reference. Devices send counts only; no value leaves them.',
  create: 'New monitor',
  back: 'Monitors',
  columns: { model: 'Model', state: 'State', versions: 'Versions', rows: 'Rows', worst: 'Moved most', set: 'Set' },
  by: (name: string) => `by ${name}`,
  states,
  findings,
  since: 'since',
  change: 'Change',
  remove: 'Remove',
  removeTitle: (model: string) => `Remove the monitor of ${model}?`,
  removeLead: 'Devices stop counting its values. The counts of the last 30 days stay until they are too old.',
  removed: (model: string) => `The monitor of ${model} is removed`,
  saved: (model: string) => `${model} is monitored`,
  none: 'No device serves the model yet.',
  version: (version: number) => `Version ${version}`,
  rows: (rows: number, windows: number) => `${count(rows, 'row')} in ${count(windows, 'window')}`,
  uncounted: (rows: number) => `${number.format(rows)} more were left out to save time on the devices`,
  unprofiled: (model: string, version: number) =>
    `It has no reference profile, so nothing is counted. Make one from its training data: \`skerry monitor baseline ${model}:${version} --data rows.npz\`, or from its golden cases:`,
  baseline: 'Use the golden cases',
  baselineMade: (version: number) => `Version ${version} has a reference profile`,
  quiet: 'No device has sent a window in the compared time.',
  rules: 'Rules',
  rule: {
    window: 'Window',
    compared: (windows: number) => `the newest ${windows} are compared together`,
    drift: 'Stability index',
    missing: 'Missing values',
    limits: (warn: number, alert: number) => `warns above ${warn}, alerts above ${alert}`,
    rowsMin: 'Least rows',
    actions: 'When it alerts',
    alertOnly: 'an alert',
    rollback: (isDryRun: boolean) => (isDryRun ? 'an alert, and a dry run of a rollback' : 'an alert, and a rollback'),
    set: 'Set',
  },
  features: 'Features',
  featureColumns: {
    feature: 'Feature',
    state: 'State',
    stability: 'Stability',
    time: 'Last 24 hours',
    bins: 'Reference and now',
    mean: 'Mean, reference',
  },
  binsSaid: (feature: string, stability: string) =>
    `The distribution of ${feature} now, beside the reference: stability index ${stability}`,
  timeSaid: (feature: string, points: number, largest: string) =>
    `The stability index of ${feature} in the last 24 hours: ${count(points, 'point')}, ${largest} at most`,
  acts: 'Actions',
  actColumns: { at: 'Time', version: 'Version', outcome: 'Outcome', what: 'Action' },
  outcomes,
  dialog: {
    createTitle: 'New monitor',
    changeTitle: (model: string) => `Change the monitor of ${model}`,
    lead: 'Devices count the values of the model in windows, and the hub compares them with the reference profile of the version.',
    verb: 'Monitor',
    model: 'Model',
    choose: 'Choose a model',
    window: 'Window in minutes',
    windowHint: 'From 1 minute to 24 hours. A short window finds a change sooner.',
    windowError: 'From 1 to 1440 minutes',
    alert: 'Alert above this stability index',
    alertHint: '0.1 is usually called a slight shift, and 0.25 a large one.',
    alertError: 'From 0.1 to 100',
    action: 'When a version alerts',
    actions: {
      none: 'Show an alert',
      'dry-run': 'Show an alert, and record when it would roll back',
      rollback: 'Show an alert, and roll back to the revision before',
    },
  },
} as const
