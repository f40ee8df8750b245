/** The texts of the page about security. What each rule means comes from the hub. */
import type { Intrusion, IntrusionResponse } from '@skerry/contract/intrusion/intrusion'
import { count, number } from '../../texts/count.ts'

const responses: Readonly<Record<IntrusionResponse, string>> = {
  none: 'Nothing',
  'dry-run': 'Dry run: say what it would do',
  on: 'Do it',
}

/** What the hub can do by itself; one that is not known here stands under its own name. */
const acts: Readonly<Record<string, string>> = {
  'lock-key': 'lock the key',
  'quarantine-device': 'quarantine the device',
}
const actOf = (action: string | undefined) => (action === undefined ? '' : (acts[action] ?? action))

const states: Readonly<Record<Intrusion['response']['state'], (act: string) => string>> = {
  none: () => 'nothing',
  would: (act) => `would ${act} (dry run)`,
  done: (act) => `did ${act}`,
  undone: (act) => `did ${act}; taken back`,
  refused: (act) => `did not ${act}: it is an owner's`,
}

export const securityTexts = {
  title: 'Security',
  tabs: { findings: 'Findings', rules: 'Rules', webhook: 'Webhook' },
  filter: 'Filter the findings',
  noMatch: 'No finding fits the filter',
  empty: 'Nothing found',
  emptyHint: 'The hub reads the audit trail all the time, and says here what looks like an attack.',
  emptyStatus: 'No finding stands so',
  status: 'Status',
  anyStatus: 'Any status',
  statuses: { open: 'Open', dismissed: 'Closed' },
  columns: {
    rule: 'Rule',
    subject: 'About',
    score: 'Score',
    signs: 'Signs',
    last: 'Last sign',
    response: 'The hub by itself',
    status: 'Status',
  },
  ruleName: (rule: string) => `${rule.charAt(0).toUpperCase()}${rule.slice(1).replaceAll('_', ' ')}`,
  kinds: { key: 'Key', user: 'Person', device: 'Device' } as Readonly<Record<string, string>>,
  score: (score: number, threshold: number) => `${number.format(Math.round(score))} of ${number.format(threshold)}`,
  open: (rule: string, subject: string) => `Open: ${rule}, ${subject}`,
  responseText: ({ state, action }: Intrusion['response']) => states[state](actOf(action)),
  facts: {
    severity: 'Severity',
    means: 'Found',
    signs: 'Signs',
    response: 'The hub by itself',
    closed: 'Closed',
    id: 'Finding',
  },
  signs: (value: number) => `${count(value, 'sign')}, `,
  to: ' to ',
  by: (name: string) => `by ${name}, `,
  show: 'show',
  allDone: 'all that it did',
  evidence: 'Evidence',
  evidenceMore: (shown: number, total: number) => `${number.format(shown)} of ${count(total, 'sign')} are kept here.`,
  record: (sequence: number) => `Record ${sequence}`,
  close: 'Close it',
  closeTitle: 'Close this finding?',
  closeLead: 'Counting begins anew. What the hub did because of it stays, unless it is undone.',
  closed: 'The finding is closed',
  undo: 'Undo',
  undoTitle: 'Take back what the hub did?',
  undoLead: (action: string | undefined) =>
    action === 'lock-key' ? 'The key counts again, at once.' : 'What it did is taken back, at once.',
  undone: 'It is taken back',
  unknown: 'There is no such finding',
  rules: {
    rule: 'Rule',
    state: 'State',
    threshold: 'Fires at',
    window: 'Sinks within',
    response: 'The hub by itself',
    change: 'Change',
    changeLabel: (rule: string) => `Change ${rule}`,
    on: 'On',
    off: 'Off',
    set: 'set here',
    noAction: 'tells only',
    act: (action: string, response: IntrusionResponse) =>
      response === 'none' ? 'nothing' : `${actOf(action)}${response === 'dry-run' ? ' (dry run)' : ''}`,
    dialog: (rule: string) => `${rule}: when it fires, and what then`,
    isOn: 'Look for it',
    thresholdHint: 'Each sign raises the score; it sinks to nothing within the window.',
    responseLabel: (action: string | undefined) => `Then ${actOf(action)}`,
    responses,
    caution: 'It acts without asking anybody. Look at dry runs for a week before.',
    save: 'Save',
    saved: 'The rule counts from now on',
  },
} as const
