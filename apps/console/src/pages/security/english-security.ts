/** The texts of the page about security. The hub sends the meaning of each rule. */
import type { Intrusion, IntrusionResponse } from '@skerry/contract/intrusion/intrusion'
import { count, number } from '../../texts/count.ts'

const responses: Readonly<Record<IntrusionResponse, string>> = {
  none: 'Nothing',
  'dry-run': 'Dry run: only show the action',
  on: 'Do it',
}

/** Responses of the hub. The page shows an unknown response by its code. */
const acts: Readonly<Record<string, string>> = {
  'lock-key': 'lock the key',
  'quarantine-device': 'quarantine the device',
}
const actOf = (action: string | undefined) => (action === undefined ? '' : (acts[action] ?? action))

const states: Readonly<Record<Intrusion['response']['state'], (act: string) => string>> = {
  none: () => 'nothing',
  would: (act) => `would ${act} (dry run)`,
  done: (act) => `did ${act}`,
  undone: (act) => `did ${act}, undone`,
  refused: (act) => `did not ${act}, because it is an owner's`,
}

export const securityTexts = {
  title: 'Security',
  tabs: { findings: 'Findings', rules: 'Rules', webhook: 'Webhook' },
  filter: 'Filter the findings',
  noMatch: 'No finding fits the filter',
  empty: 'Nothing found',
  emptyHint: 'The hub checks the audit log all the time. Suspicious activity appears here.',
  emptyStatus: 'No finding has this status',
  status: 'Status',
  anyStatus: 'Any status',
  statuses: { open: 'Open', dismissed: 'Closed' },
  columns: {
    rule: 'Rule',
    subject: 'About',
    score: 'Score',
    signs: 'Signs',
    last: 'Last sign',
    response: 'Response',
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
    response: 'Response',
    closed: 'Closed',
    id: 'Finding',
  },
  signs: (value: number) => `${count(value, 'sign')}, `,
  to: ' to ',
  by: (name: string) => `by ${name}, `,
  show: 'show',
  allDone: 'all its actions',
  evidence: 'Evidence',
  evidenceMore: (shown: number, total: number) => `${number.format(shown)} of ${count(total, 'sign')} are kept here.`,
  record: (sequence: number) => `Record ${sequence}`,
  close: 'Close the finding',
  closeTitle: 'Close this finding?',
  closeLead: 'The score starts again at zero. The response of the hub stays until you undo it.',
  closed: 'The finding is closed',
  undo: 'Undo',
  undoTitle: 'Undo the response of the hub?',
  undoLead: (action: string | undefined) =>
    action === 'lock-key' ? 'The key is valid again at once.' : 'The response is undone at once.',
  undone: 'The response is undone',
  unknown: 'There is no such finding',
  rules: {
    rule: 'Rule',
    state: 'State',
    threshold: 'Fires at',
    window: 'Decays within',
    response: 'Response',
    change: 'Change',
    changeLabel: (rule: string) => `Change ${rule}`,
    on: 'On',
    off: 'Off',
    set: 'set here',
    noAction: 'finding only',
    act: (action: string, response: IntrusionResponse) =>
      response === 'none' ? 'nothing' : `${actOf(action)}${response === 'dry-run' ? ' (dry run)' : ''}`,
    dialog: (rule: string) => `Rule: ${rule}`,
    isOn: 'Look for it',
    thresholdHint: 'Each sign raises the score. The score falls to zero within the window.',
    responseLabel: (action: string | undefined) => `Then ${actOf(action)}`,
    responses,
    caution: 'The hub acts without approval. Watch dry runs for a week first.',
    save: 'Save',
    saved: 'The rule applies from now on',
  },
} as const
