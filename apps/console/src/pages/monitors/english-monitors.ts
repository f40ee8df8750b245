/** The texts of the pages about monitors. */
import type { MonitorAct } from '@skerry/contract/monitors/action'
import type { DriftRank, DriftRanking, FeatureFinding, MonitorState } from '@skerry/contract/monitors/monitor'
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

/** A difference of two shares, in percentage points, or a share. */
const percent = (share: number) => `${Number((share * 100).toPrecision(3))} %`

const figure = (value: number) => String(Number(value.toPrecision(3)))

export const monitorsTexts = {
  title: 'Monitors',
  count: (rows: number) => count(rows, 'monitor'),
  filter: 'Filter the monitors',
  noMatch: 'No monitor fits the filter.',
  empty: 'No monitors yet',
  emptyHint:
    'A monitor shows when the inputs or outputs of a model, or the tags of a source, move away from their reference. Devices send counts only; no value leaves them.',
  create: 'New monitor',
  back: 'Monitors',
  columns: {
    model: 'Model',
    state: 'State',
    versions: 'Versions',
    rows: 'Rows',
    worst: 'Moved most',
    where: 'Where',
    set: 'Set',
  },
  everywhere: 'everywhere',
  muted: 'Muted',
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
  reference: (version: number) => `Reference ${version}`,
  earlier: 'History of earlier versions',
  earlierChoice: 'Earlier version',
  earlierHint: 'No device serves it now. Its windows are compared with its own reference, and with no other version.',
  earlierNone: 'No window of this version is in this time.',
  toSource: (source: string) => `The source ${source}`,
  rows: (rows: number, windows: number) => `${count(rows, 'row')} in ${count(windows, 'window')}`,
  uncounted: (rows: number) => `${number.format(rows)} more were left out to save time on the devices`,
  estimated: (accuracy: number, reference: number) =>
    `Estimated accuracy ${percent(accuracy)}, by the confidences of the answers; the labelled rows had ${percent(reference)}`,
  estimatedError: (mae: number, reference: number) =>
    `Estimated mean error ${figure(mae)}, by the values of the rows; the labelled rows had ${figure(reference)}`,
  ranking: (by: DriftRanking['by'], ranks: readonly DriftRank[]) => {
    const source = by === 'labels' ? 'labels' : 'the estimate without labels'
    const names = ranks.map(({ feature, correlation }) => `${feature} (${Number(correlation.toPrecision(2))})`)
    return names.length > 0
      ? `By ${source}, answers were worse when these features had moved (correlation): ${names.join(', ')}`
      : `By ${source}, the drift of no feature goes together with worse answers.`
  },
  unprofiled: (model: string, version: number) =>
    `It has no reference profile, so nothing is counted. Make one from its training data: \`skerry monitor baseline ${model}:${version} --data rows.npz\`, or from its golden cases:`,
  baseline: 'Use the golden cases',
  baselineMade: (version: number) => `Version ${version} has a reference profile`,
  unprofiledSource: (subject: string) =>
    `Its tags are counted once a second, and there is no reference yet. After some days in which all was well, run \`skerry monitor baseline ${subject} --from-devices 7\`, or:`,
  sourceBaseline: 'Use the last 7 days',
  sourceBaselineMade: 'The source has a reference',
  quiet: 'No device has sent a window in the compared time.',
  rules: 'Rules',
  rule: {
    window: 'Window',
    compared: (windows: number) => `the newest ${windows} are compared together`,
    drift: 'Stability index',
    missing: 'Missing values',
    limits: (warn: number, alert: number) => `warns above ${warn}, alerts above ${alert}`,
    accuracy: 'Estimated accuracy',
    below: (warn: number, alert: number) =>
      `warns ${percent(warn)} below the labelled rows, alerts ${percent(alert)} below`,
    error: 'Estimated error',
    above: (warn: number, alert: number) =>
      `warns ${percent(warn)} above the labelled rows, alerts ${percent(alert)} above`,
    rowsMin: 'Least rows',
    actionsLabel: 'When it alerts',
    cohorts: 'Cohorts',
    references: {
      version: (cohorts: string) => cohorts,
      cohort: (cohorts: string) => `${cohorts}; each compared with its own reference if it has one`,
    },
    noCohorts: 'none',
    alertOnly: 'an alert',
    acts: (acts: readonly string[]) => `an alert, and ${acts.join(', ')}`,
    act: (what: string, isDryRun: boolean) => (isDryRun ? `a dry run of ${what}` : what),
    actions: {
      rollback: 'a rollback',
      pause: 'a pause of its rollout',
      hold: (flow: string) => `a hold of the flow ${flow}`,
      webhook: (url: string) => `a message to ${url}`,
      capture: (rows: number) => `a capture of ${count(rows, 'row')} of each device`,
      shadow: (version: string) => `a shadow of version ${version}`,
    },
    revision: (revision: number) => `revision ${revision}`,
    set: 'Set',
  },
  heat: {
    title: 'Features by cohort',
    lead: 'The stability index of each feature in each group of devices. No group stands out.',
    moved: (cohorts: readonly string[]) =>
      `The stability index of each feature in each group of devices. Only ${cohorts.join(', ')} moved.`,
    more: (cohorts: number) => `${count(cohorts, 'more group')} in the command line.`,
    cohort: 'Cohort',
    rows: 'Rows',
  },
  restraints: {
    title: 'Held back',
    mutedBy: (name: string) => `Muted by ${name}`,
    muteEnds: 'It ends',
    quietTime: 'Muted, because a quiet time is open.',
    held: (flow: string) => `The flow ${flow} writes no tags since`,
    release: 'Release',
    releaseTitle: (flow: string) => `Release the flow ${flow}?`,
    releaseLead: 'It writes tags again as soon as its devices hear of it. A later alert may hold it again.',
    released: (flow: string) => `The flow ${flow} is released`,
    dropped: {
      bins: (windows: number, rows: number) =>
        `${count(windows, 'window')} with ${count(rows, 'row')} were counted with another reference profile, and are left out.`,
      stranger: (windows: number, rows: number) =>
        `${count(windows, 'window')} with ${count(rows, 'row')} came from devices that do not run the model, and are left out.`,
      unreadable: (windows: number, _rows: number) =>
        `${count(windows, 'window')} could not be read, and are left out.`,
    },
    mute: 'Mute',
    unmute: 'End the mute',
    muteTitle: (model: string) => `Mute the monitor of ${model}?`,
    muteLead: 'It judges as before, but there are neither alerts nor actions.',
    muted: (model: string) => `The monitor of ${model} is muted`,
    length: 'For',
    lengths: [
      [3_600, '1 hour'],
      [7_200, '2 hours'],
      [28_800, '8 hours'],
      [86_400, '1 day'],
      [604_800, '1 week'],
    ],
    reason: 'Reason',
    reasonMissing: 'Give a reason',
  },
  features: 'Features',
  featureColumns: {
    feature: 'Feature',
    state: 'State',
    stability: 'Stability',
    bins: 'Reference and now',
    mean: 'Mean, reference',
  },
  span: 'Time of the courses',
  spans: { day: 'Last 24 hours', month: 'Last 30 days', year: 'Last year' },
  binsSaid: (feature: string, stability: string) =>
    `The distribution of ${feature} now, beside the reference: stability index ${stability}`,
  timeSaid: (feature: string, span: string, points: number, largest: string, rollouts: number) =>
    `The stability index of ${feature} in the ${span.toLowerCase()}: ${count(points, 'point')}, ${largest} at most${rollouts === 0 ? '' : `, ${count(rollouts, 'rollout')} marked`}`,
  output: 'output',
  category: 'category',
  byChance: 'within chance',
  acts: 'Actions',
  actColumns: { at: 'Time', version: 'Version', outcome: 'Outcome', what: 'Action' },
  outcomes,
  dialog: {
    createTitle: 'New monitor',
    changeTitle: (model: string) => `Change the monitor of ${model}`,
    lead: 'Devices count the values of the model, or the tags of the source, in windows, and the hub compares them with the reference.',
    verb: 'Monitor',
    model: 'Model or source',
    sources: 'Sources',
    models: 'Models',
    choose: 'Choose a model or source',
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
