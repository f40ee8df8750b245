/** Every text of the console, in English: the folder that a translation replaces. Functions where words depend on a number or a name. */
import { number } from './count.ts'
import { alertTexts } from './english-alerts.ts'
import { filterTexts } from './english-filter.ts'
import { hubPageTexts } from './english-hub-pages.ts'
import { pageTexts } from './english-pages.ts'
import { siteTexts } from './english-sites.ts'

const shell = {
  product: 'Skerry',
  skip: 'Skip to the content',
  navigation: 'Main',
  nav: {
    overview: 'Overview',
    sites: 'Sites',
    devices: 'Devices',
    models: 'Models',
    deployments: 'Deployments',
    rollouts: 'Rollouts',
    batches: 'Batches',
    approvals: 'Approvals',
    security: 'Security',
    waiting: (things: number) => `${number.format(things)} waiting`,
    audit: 'Audit',
    settings: 'Settings',
  },
  deploy: 'Deploy',
  theme: { label: 'Theme', light: 'Light', dark: 'Dark', system: 'As the system' },
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
    refused: (name: string) => `${name} does not let you in like this`,
    needsFactor: 'It asks for a second factor, and this session has none. Set one up here, then go.',
    moved: (name: string | undefined) =>
      name === undefined ? 'This browser is elsewhere now' : `This browser is in ${name} now`,
    movedLead: (name: string) =>
      `Another page of it has left ${name}, which this page still shows. Nothing that it asks is done until you choose.`,
    back: (name: string) => `Back to ${name}`,
    goOn: (name: string | undefined) => (name === undefined ? 'Load this page anew' : `Go on in ${name}`),
  },
  search: 'Search or go to',
  menu: 'Open the menu',
  connection: {
    live: 'Live',
    connecting: 'Connecting',
    lost: 'Not connected',
    banner: 'The hub does not answer. What you see may be out of date.',
    reconnecting: 'Reconnecting …',
    version: (version: string) => `hub ${version}`,
    liveHint: 'Changes show by themselves',
  },
  palette: {
    label: 'Command palette',
    placeholder: 'Type a page, a device, a model or a command',
    empty: 'Nothing fits.',
    pages: 'Pages',
    sites: 'Sites',
    devices: 'Devices',
    models: 'Models',
    rollouts: 'Rollouts',
    deployments: 'Deployments',
    commands: 'Commands',
    deploy: 'Deploy a model',
    device: (name: string, site: string) => `${name} at ${site}`,
    rollout: (name: string, revision: number) => `${name}, revision ${revision}`,
    theme: (name: string) => `Theme: ${name}`,
    settings: (tab: string) => `Settings: ${tab}`,
    keys: 'Show the keys',
  },
  keys: {
    title: 'Keys',
    list: [
      ['Ctrl K', 'Go anywhere'],
      ['/', 'Filter the list'],
      ['g o', 'Overview'],
      ['g s', 'Sites'],
      ['g d', 'Devices'],
      ['g m', 'Models'],
      ['g y', 'Deployments'],
      ['g r', 'Rollouts'],
      ['g b', 'Batches'],
      ['g p', 'Approvals'],
      ['g i', 'Security'],
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
  changedMeanwhile: 'Somebody changed it since you opened this. Nothing was done.',
  lookAgain: 'Look again',
  copy: (what: string) => `Copy ${what}`,
  copied: 'Copied',
  more: 'Actions',
  retry: 'Try again',
  none: 'none',
  unknown: 'not known',
  never: 'never',
  ofTotal: (shown: number, total: number) => `${number.format(shown)} of ${number.format(total)}`,
  number: (value: number) => number.format(value),
  missingPermission: (permission: string, role: string) => `Needs ${permission}, which a ${role} does not have`,
  hidden: 'Not visible to you',
  outOfScope: (scope: string) => `Your role counts where ${scope}; this is about the whole organisation.`,
  ofScope: 'Your role counts for some places only; this is about the whole organisation.',
  failed: 'This could not be loaded',
  crashed: 'This page failed',
  crashedHint: 'The error is on our side. Loading the page again often helps.',
  code: (code: string) => `code ${code}`,
  reason: 'Reason',
  reasonHint: 'Kept in the audit trail',
  typeName: (name: string) => `Type ${name} to confirm`,
  reload: 'Load again',
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
  failed: 'Failed',
  degraded: 'Degraded',
  moving: 'Moving',
  healthy: 'Healthy',
} as const

const healthHint = {
  revoked: 'Refused by the hub; it goes on serving what it has',
  quarantined: 'Gets nothing new until a person releases it; it goes on serving what it has',
  pending: 'Waits for a person to let it in',
  never: 'Has not reported yet',
  stale: 'Silent for longer than three reports; what it does now is not known',
  failed: 'A model failed, and nothing serves in its place',
  degraded: 'Works, but not as intended: an older version serves, it names a trouble, or it waits for a person',
  moving: 'On its way to what it should run',
  healthy: 'Runs what it should',
} as const

const outcome = {
  waiting: 'Waiting',
  offered: 'Offered',
  healthy: 'Healthy',
  failed: 'Failed',
  rejected: 'Rejected',
  'timed-out': 'Timed out',
  tolerated: 'Borne',
  skipped: 'Skipped',
} as const

const rolloutStatus = {
  rolling: 'Rolling',
  paused: 'Paused',
  done: 'Done',
  aborted: 'Aborted',
  'rolled-back': 'Rolled back',
  superseded: 'Superseded',
} as const

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

export const texts = {
  shell,
  common,
  health,
  healthHint,
  outcome,
  rolloutStatus,
  itemState,
  ...pageTexts,
  ...siteTexts,
  ...alertTexts,
  ...hubPageTexts,
  ...filterTexts,
}
