/** The texts of the page of a device that no other page needs: its own file of code, so that the first load stays small. */
import type { DeviceEventKind } from '@skerry/contract/devices/device-event'
import { count, number } from '../../texts/count.ts'

const UNITS = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['min', 60_000],
  ['s', 1_000],
] as const

/** `1.2 s`, `3 min`: a span in its largest unit. */
export function spanText(ms: number): string {
  const [unit, size] = UNITS.find(([, length]) => ms >= length) ?? (['ms', 1] as const)
  const value = ms / size
  return `${unit === 's' && value < 10 ? value.toFixed(1) : Math.floor(value)} ${unit}`
}

const kinds: Readonly<Record<DeviceEventKind, string>> = {
  item: 'Model',
  'condition-raised': 'Trouble began',
  'condition-cleared': 'Trouble ended',
  'agent-started': 'Agent started',
  'agent-updated': 'Agent updated',
  endpoints: 'Endpoints changed',
  generation: 'Took up an intent',
  'heard-again': 'Heard again',
  joined: 'Joined',
  approved: 'Approved',
  duplicated: 'In two places',
  denied: 'Denied',
  revoked: 'Revoked',
  certified: 'Certificate',
  relabelled: 'Labels changed',
  'conflict-paused': 'Held by the hub',
  resumed: 'Resumed',
  quarantined: 'Put into quarantine',
  released: 'Released',
  'wipe-ordered': 'Ordered to wipe itself',
  wiped: 'Wipes itself',
  'retry-asked': 'Asked to try again',
}

export const deviceWords = {
  actions: { quarantine: 'Quarantine', release: 'Release', wipe: 'Wipe' },
  actionsDone: {
    quarantine: (name: string) => `${name} is in quarantine`,
    release: (name: string) => `${name} is released`,
    wipe: (name: string) => `${name} is told to delete everything`,
  },
  quarantineTitle: (name: string) => `Put ${name} into quarantine?`,
  quarantineLead:
    'It goes on serving what it has, and is heard. It gets nothing new: rollouts do not wait for it, and batches do not reach it.',
  wipeTitle: (name: string) => `Have ${name} delete everything?`,
  wipeLead:
    'Models, keys, secrets, its identity. It begins when it hears of it, at the latest when it next connects, and is refused from then on. Nobody can bring it back.',
  releaseTitle: (name: string) => `Release ${name}?`,
  releaseLead: 'It takes part again, and gets what it has missed.',
  tabs: { state: 'State', values: 'Values at the hub', history: 'History' } as const,
  shadow: {
    title: 'As a shadow',
    compared: (value: number) => `${count(value, 'answer')} compared`,
    wrong: ({ mismatched, maxDifference }: { mismatched: number; maxDifference?: number | undefined }) =>
      `${number.format(mismatched)} wrong${maxDifference ? `, by up to ${maxDifference.toPrecision(3)}` : ''}`,
    errors: (value: number) => count(value, 'error'),
    dropped: (value: number) => `${number.format(value)} left out`,
    droppedHint: 'Requests that it did not get because it was behind: nobody ever waits for a shadow.',
  },
  tabsLabel: 'Views of the device',
  conditions: 'Needs attention',
  whatToDo: 'What to do',

  why: 'Why?',
  whyOf: (deployment: string) => `Why ${deployment} stands so`,
  checks: 'Checks, in the order in which they are asked',
  passed: 'passed',
  checkFailed: 'failed',
  wanted: (version: number) => `is offered version ${version}`,

  sameIntent: 'It works on the newest intent.',
  allActive: 'The device has what it should have: every model is active.',
  someMoving: (value: number) => `${count(value, 'model')} on the way.`,
  someFailed: (value: number) => `${count(value, 'model')} refused; see below why.`,
  behindPending: 'It waits for a person to let it in, and is told nothing before.',
  behindQuarantined: 'It is in quarantine: it goes on serving what it has, and gets nothing new.',
  behindWiping: 'It is to delete everything, and hears of nothing else.',
  behindWiped: 'It deletes everything that it has, and is refused.',
  behindRevoked: 'It is revoked: nothing reaches it any more.',

  life: (model: string, version: number) => `Life of ${model} version ${version} on this device`,
  stepHow: {
    done: 'done',
    now: 'here now',
    passed: 'passed between two reports',
    ahead: 'not reached',
    failed: 'failed here',
  } as const,
  notSeen: 'not seen',
  took: (span: string) => `took ${span}`,
  attempts: (value: number) => `${number.format(value)} attempts: something cut it short`,
  returned: 'Back at a version that had proved itself here: no steps needed.',
  deviceClock: 'by the clock of the device',
  asReported: 'As reported: what passed between two reports is not seen.',
  earlier: (value: number) => `Earlier on this device (${number.format(value)})`,
  earlierEnd: {
    active: 'was active',
    failed: 'failed',
    other: (state: string) => `ended in ${state.toLowerCase()}`,
  },
  remembered: 'remembered',
  rememberedHint: 'The device does not try it again until somebody asks for it.',
  retryLeadNow: 'The device forgets that it failed, and tries the version once more.',
  retryLeadLater: 'The device may try the version again when a rollout offers it the next time.',
  retryGone: 'The deployment that brought it is gone',
  retryTitle: (model: string, version: number) => `Try ${model} version ${version} again?`,

  deployments: 'Deployments that pick it',
  noDeployments: 'No deployment picks this device.',
  noDeploymentsHint: 'Ask one below why it does not.',
  rollout: (revision: number) => `rollout of revision ${revision}`,
  askOther: 'Why not another one?',
  askOtherNone: 'Choose a deployment',

  endpoints: 'Where to reach its models',
  noEndpoints: 'The device has named no address yet.',
  endpointsHint: 'Open Inference Protocol V2. Addresses are as the device itself sees them.',

  certificate: 'Certificate',
  daysLeft: (days: number) => (days < 0 ? 'has ended' : `${count(days, 'day')} left`),
  renews: 'Renews by itself at two thirds of its life, while the device reaches the hub.',
  serial: 'Serial',
  joinedAt: 'Joined',

  events: 'What happened',
  eventsCount: (value: number) => count(value, 'event'),
  eventsHint: (max: number) =>
    `As reported: reports are gathered, so steps in between may be missing, and never the end. The newest ${max} are kept.`,
  kind: 'Kind',
  anyKind: 'Every kind',
  kinds,
  eventColumns: { at: 'Heard', kind: 'What', detail: 'Detail' },
  noEvents: 'Nothing has happened yet.',
  noEventsOfKind: 'Nothing of this kind.',
  silentNow: 'Silent since',
  silentNowHint: 'What it does now is not known.',

  event: {
    itemGone: (model: string) => `${model} is gone`,
    item: (model: string, version: number, state: string) => `${model} version ${version}: ${state.toLowerCase()}`,
    from: (state: string) => `before: ${state.toLowerCase()}`,
    serves: (version: number) => `version ${version} serves`,
    servesNone: 'nothing serves',
    agent: (version: string) => `agent ${version}`,
    updated: (before: string, after: string) => `from ${before} to ${after}`,
    noEndpoints: 'no addresses',
    generation: (before: number, after: number) =>
      before === 0 ? `generation ${after}` : `generation ${after}, after ${before}`,
    silent: (span: string) => `was silent for ${span}`,
    wiped: 'it is refused from now on',
    joined: (site: string, isPending: boolean) => `at ${site}${isPending ? ', waits for approval' : ''}`,
    by: (name: string) => `by ${name}`,
    duplicated: (kept: string, other: string) => `heard from ${kept}, and from ${other}`,
    because: (name: string, reason: string) => `by ${name}: ${reason}`,
    certified: (until: string) => `good until ${until}`,
    conflict: (reported: number, issued: number) => `it follows generation ${reported}; this hub gave it ${issued}`,
    retry: (deployment: string, name: string) => `${deployment}, by ${name}`,
  },

  relabelConflict: 'Somebody changed the labels meanwhile',
  relabelConflictLead: 'Your changes now stand on top of theirs. Look again, then save.',
  relabelSet: (key: string, value: string) => `${key}=${value} was set`,
  relabelRemoved: (key: string) => `${key} was removed`,
  relabelTheirs: 'Take theirs as they are',
} as const
