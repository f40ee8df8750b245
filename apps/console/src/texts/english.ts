/**
 * The English texts of the console. A translation puts other words in their place (translation.ts). A text is a function
 * if it depends on a number or a name.
 */
import { number } from './count.ts'
import { alertTexts } from './english-alerts.ts'
import { filterTexts } from './english-filter.ts'
import { hubPageTexts } from './english-hub-pages.ts'
import { pageTexts } from './english-pages.ts'
import { siteTexts } from './english-sites.ts'
import { inLanguage } from './in-language.ts'

const shell = {
  product: 'Skerry',
  skip: 'Skip to the content',
  navigation: 'Main',
  nav: {
    overview: 'Overview',
    sites: 'Sites',
    devices: 'Devices',
    groups: 'Groups',
    models: 'Models',
    apps: 'Apps',
    market: 'Marketplace',
    deployments: 'Deployments',
    rollouts: 'Rollouts',
    routes: 'Routes',
    monitors: 'Monitors',
    captures: 'Captures',
    campaigns: 'Campaigns',
    batches: 'Batches',
    sources: 'Sources',
    sinks: 'Sinks',
    flows: 'Flows',
    learning: 'Learn normal',
    approvals: 'Approvals',
    security: 'Security',
    vulnerabilities: 'Vulnerabilities',
    waiting: (things: number) => `${number.format(things)} waiting`,
    audit: 'Audit',
    settings: 'Settings',
  },
  groups: { fleet: 'Fleet', models: 'Models', equipment: 'Equipment', trust: 'Trust' },
  deploy: 'Deploy',
  theme: { label: 'Theme', light: 'Light', dark: 'Dark', system: 'System' },
  account: {
    label: 'Account',
    mine: 'My account',
    signOut: 'Sign out',
    role: (roles: readonly string[]) => roles.join(', '),
  },
  organisation: {
    label: 'Organisation',
    switch: 'Go to',
    disabled: 'disabled',
    goTo: (name: string) => `Go to ${name}`,
    refused: (name: string) => `You cannot go to ${name} yet`,
    needsFactor: 'It requires a second factor, and this session has none. Set one up here, then go.',
    moved: (name: string | undefined) =>
      name === undefined ? 'This browser is in another organisation now' : `This browser is in ${name} now`,
    movedLead: (name: string) =>
      `Another tab changed the organisation. This tab still shows ${name}. The hub rejects its requests until you choose.`,
    back: (name: string) => `Back to ${name}`,
    goOn: (name: string | undefined) => (name === undefined ? 'Reload this page' : `Continue in ${name}`),
  },
  search: 'Search or go to',
  menu: 'Open the menu',
  connection: {
    live: 'Live',
    connecting: 'Connecting',
    lost: 'Not connected',
    banner: 'The hub does not answer. This page may be out of date.',
    reconnecting: 'Reconnecting …',
    version: (version: string) => `hub ${version}`,
    liveHint: 'Changes appear by themselves',
  },
  keys: {
    title: 'Keys',
    list: [
      ['Ctrl K', 'Go anywhere'],
      ['/', 'Filter the list'],
      ['g o', 'Overview'],
      ['g s', 'Sites'],
      ['g d', 'Devices'],
      ['g n', 'Groups'],
      ['g m', 'Models'],
      ['g y', 'Deployments'],
      ['g r', 'Rollouts'],
      ['g u', 'Routes'],
      ['g w', 'Monitors'],
      ['g e', 'Captures'],
      ['g v', 'Marketplace'],
      ['g l', 'Campaigns'],
      ['g b', 'Batches'],
      ['g c', 'Sources'],
      ['g f', 'Flows'],
      ['g n', 'Learn normal'],
      ['g p', 'Approvals'],
      ['g i', 'Security'],
      ['g t', 'Vulnerabilities'],
      ['g a', 'Audit'],
      ['g ,', 'Settings'],
      ['?', 'This list'],
      ['Esc', 'Close'],
    ] as const,
  },
}

const common = {
  loading: 'Loading',
  close: 'Close',
  cancel: 'Cancel',
  changedMeanwhile: 'Nothing was done, because somebody has changed it since you opened this.',
  lookAgain: 'Reload',
  copy: (what: string) => `Copy ${what}`,
  copied: 'Copied',
  more: 'Actions',
  retry: 'Try again',
  none: 'none',
  unknown: 'not known',
  never: 'never',
  now: 'now',
  ofTotal: (shown: number, total: number) => `${number.format(shown)} of ${number.format(total)}`,
  number: (value: number) => number.format(value),
  missingPermission: (permission: string, role: string) =>
    `You cannot do this, because the role ${role} lacks ${permission}`,
  hidden: 'Not visible to you',
  outOfScope: (scope: string) => `This is about the whole organisation, and your role is limited to ${scope}.`,
  ofScope: 'This is about the whole organisation, and your role is limited to some places.',
  failed: 'This could not be loaded',
  crashed: 'This page failed',
  crashedHint: 'The console has an error. Try to reload the page.',
  code: (code: string) => `code ${code}`,
  reason: 'Reason',
  reasonHint: 'Kept in the audit log',
  typeName: (name: string) => `Type ${name} to confirm`,
  reload: 'Reload',
  notFound: 'There is no such page',
  notFoundHint: 'The address may be from another version of the console.',
  toOverview: 'To the overview',
}

const health = {
  revoked: 'Revoked',
  quarantined: 'Quarantined',
  pending: 'Pending',
  never: 'Never seen',
  stale: 'Stale',
  stopped: 'Stopped',
  failed: 'Failed',
  degraded: 'Degraded',
  moving: 'Moving',
  healthy: 'Healthy',
} as const

const healthHint = {
  revoked: 'The hub rejects it; it still serves its models',
  quarantined: 'Gets no changes until a person releases it; it still serves its models',
  pending: 'Waits for a person to approve it',
  never: 'Has not reported yet',
  stale: 'No report for longer than three intervals; its state is unknown',
  stopped: 'Its agent was stopped',
  failed: 'A model failed, and no version serves in its place',
  degraded: 'An older version serves, it reports a problem, or it waits for a person',
  moving: 'Changes to its desired state',
  healthy: 'Is in its desired state',
} as const

const wasHealth = (word: string) => `Was ${word.toLowerCase()}`
const healthPast = 'This was its last report. It is not connected now, so nobody knows whether it still holds.'

const outcome = {
  waiting: 'Waiting',
  offered: 'Offered',
  healthy: 'Healthy',
  failed: 'Failed',
  rejected: 'Rejected',
  'timed-out': 'Timed out',
  tolerated: 'Tolerated',
  skipped: 'Skipped',
  pending: 'Pending',
  'not-reached': 'Not reached',
} as const

const rolloutStatus = {
  rolling: 'Rolling',
  paused: 'Paused',
  done: 'Done',
  aborted: 'Aborted',
  'rolled-back': 'Rolled back',
  superseded: 'Superseded',
} as const

const plannedPause = 'Planned pause'

const itemState = {
  absent: 'Absent',
  fetching: 'Fetching',
  verifying: 'Verifying',
  loading: 'Loading',
  golden: 'Golden',
  shadow: 'Shadow',
  ready: 'Ready',
  probation: 'Probation',
  active: 'Active',
  retiring: 'Retiring',
  failed: 'Failed',
} as const

export const texts = inLanguage('texts', {
  shell,
  common,
  health,
  healthHint,
  wasHealth,
  healthPast,
  outcome,
  rolloutStatus,
  plannedPause,
  itemState,
  ...pageTexts,
  ...siteTexts,
  ...alertTexts,
  ...hubPageTexts,
  ...filterTexts,
})
