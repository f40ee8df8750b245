/** Further texts of the page of a device. A separate file keeps the first load small. */
import type { DeviceEventKind } from '@skerry/contract/devices/device-event'
import { count, number } from '../../texts/count.ts'

const UNITS = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['min', 60_000],
  ['s', 1_000],
] as const

/** A span in its largest unit, such as `1.2 s` or `3 min`. */
export function spanText(ms: number): string {
  const [unit, size] = UNITS.find(([, length]) => ms >= length) ?? (['ms', 1] as const)
  const value = ms / size
  return `${unit === 's' && value < 10 ? value.toFixed(1) : Math.floor(value)} ${unit}`
}

const kinds: Readonly<Record<DeviceEventKind, string>> = {
  item: 'Model',
  'condition-raised': 'Problem began',
  'condition-cleared': 'Problem ended',
  'agent-started': 'Agent started',
  'agent-updated': 'Agent updated',
  endpoints: 'Endpoints changed',
  generation: 'New desired state',
  'heard-again': 'Reports again',
  joined: 'Joined',
  approved: 'Approved',
  duplicated: 'Used in two places',
  denied: 'Denied',
  revoked: 'Revoked',
  certified: 'Certificate',
  relabelled: 'Labels changed',
  'conflict-paused': 'Paused by the hub',
  resumed: 'Resumed',
  quarantined: 'Quarantined',
  released: 'Released',
  'wipe-ordered': 'Wipe requested',
  wiped: 'Wipes itself',
  'retry-asked': 'Retry requested',
}

export const deviceWords = {
  equipment: 'Sources and sinks',
  equipmentTab: {
    sources: 'Sources',
    sinks: 'Sinks',
    protocol: 'Protocol',
    none: 'No sources and sinks',
    noneHint: 'A source connects the device to equipment. A sink takes its values to another system.',
  },
  connectionKinds: { source: 'Source', sink: 'Sink' },
  actions: { quarantine: 'Quarantine', release: 'Release', wipe: 'Wipe' },
  actionsDone: {
    quarantine: (name: string) => `${name} is in quarantine`,
    release: (name: string) => `${name} is released`,
    wipe: (name: string) => `${name} has the order to delete everything`,
  },
  quarantineTitle: (name: string) => `Put ${name} into quarantine?`,
  quarantineLead:
    'It still serves its models and reports. It gets no changes: rollouts do not wait for it, and batches do not reach it.',
  wipeTitle: (name: string) => `Delete everything on ${name}?`,
  wipeLead:
    'It deletes its models, keys, secrets and identity as soon as it gets the order. The hub then rejects it. You cannot undo this.',
  releaseTitle: (name: string) => `Release ${name}?`,
  releaseLead: 'It takes part again, and gets the changes that it missed.',
  tabs: {
    state: 'State',
    equipment: 'Equipment',
    containers: 'Containers',
    values: 'Values at the hub',
    history: 'Events',
    access: 'Access',
    settings: 'Settings',
  } as const,
  shadow: {
    title: 'As a shadow',
    compared: (value: number) => `${count(value, 'answer')} compared`,
    wrong: ({ mismatched, maxDifference }: { mismatched: number; maxDifference?: number | undefined }) =>
      `${number.format(mismatched)} wrong${maxDifference ? `, by up to ${maxDifference.toPrecision(3)}` : ''}`,
    errors: (value: number) => count(value, 'error'),
    dropped: (value: number) => `${number.format(value)} skipped`,
    droppedHint: 'Requests that the shadow skipped because it was slow. Callers never wait for a shadow.',
  },
  tabsLabel: 'Views of the device',
  conditions: 'In its last report',
  whatToDo: 'Next step',

  why: 'Why?',
  whyOf: (deployment: string) => `Why ${deployment} has this state`,
  checks: 'Checks, in their order',
  passed: 'passed',
  checkFailed: 'failed',
  wanted: (version: number) => `is offered version ${version}`,

  sameIntent: 'It has the newest desired state.',
  allActive: 'The device is in its desired state: every model is active.',
  someMoving: (value: number) => `${count(value, 'model')} in progress.`,
  someFailed: (value: number) => `${count(value, 'model')} failed. The reasons are below.`,
  sameIntentSilent: 'It had the newest desired state when it last reported.',
  allActiveSilent: 'When the device last reported, it was in its desired state: every model was active.',
  someMovingSilent: (value: number) => `${count(value, 'model')} ${value === 1 ? 'was' : 'were'} in progress.`,
  someFailedSilent: (value: number) => `${count(value, 'model')} had failed. The reasons are below.`,
  behindPending: 'It waits for approval, and gets no desired state before that.',
  behindQuarantined: 'It is in quarantine. It still serves its models, and gets no changes.',
  behindWiping: 'It has the order to delete everything, and gets nothing else.',
  behindWiped: 'It deletes all its data, and the hub rejects it.',
  behindRevoked: 'It is revoked. The hub rejects it.',

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
  attempts: (value: number) => `${number.format(value)} attempts, because it was interrupted`,
  returned: 'Rolled back to a version that had passed probation here. No steps were needed.',
  deviceClock: 'by the clock of the device',
  asReported: 'From reports: steps between two reports are not visible.',
  earlier: (value: number) => `Earlier on this device (${number.format(value)})`,
  earlierEnd: {
    active: 'was active',
    failed: 'failed',
    other: (state: string) => `ended in ${state.toLowerCase()}`,
  },
  remembered: 'remembered',
  rememberedHint: 'The device does not try it again until somebody requests it.',
  retryLeadNow: 'The device forgets the failure, and tries the version once more.',
  retryLeadLater: 'The device may try the version again when a rollout offers it the next time.',
  retryGone: 'The deployment that brought it is gone',
  retryTitle: (model: string, version: number) => `Try ${model} version ${version} again?`,

  deployments: 'Deployments that pick it',
  noDeployments: 'No deployment picks this device.',
  noDeploymentsHint: 'Choose one below to see the reason.',
  rollout: (revision: number) => `rollout of revision ${revision}`,
  rejectedRollout: (revision: number) => `revision ${revision} was rolled back`,
  askOther: 'Why not another deployment?',
  askOtherNone: 'Choose a deployment',

  endpoints: 'Addresses of its models',
  noEndpoints: 'The device has reported no address yet.',
  endpointsHint: 'Open Inference Protocol V2. These are the addresses that the device itself sees.',

  certificate: 'Certificate',
  daysLeft: (days: number) => (days < 0 ? 'has ended' : `${count(days, 'day')} left`),
  renews: 'Renews by itself at two thirds of its life, while the device reaches the hub.',
  serial: 'Serial',
  joinedAt: 'Joined',

  events: 'Events',
  eventsCount: (value: number) => count(value, 'event'),
  eventsHint: (max: number) =>
    `From reports: steps between two reports may be missing, final states never. The newest ${max} are kept.`,
  kind: 'Kind',
  anyKind: 'Every kind',
  kinds,
  eventColumns: { at: 'Reported', kind: 'What', detail: 'Detail' },
  noEvents: 'Nothing has happened yet.',
  noEventsOfKind: 'Nothing of this kind.',
  silentNow: 'No report since',
  silentNowHint: 'Its current state is unknown.',

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
    silent: (span: string) => `no report for ${span}`,
    wiped: 'the hub rejects it from now on',
    joined: (site: string, isPending: boolean) => `at ${site}${isPending ? ', waits for approval' : ''}`,
    by: (name: string) => `by ${name}`,
    duplicated: (kept: string, other: string) => `used at ${kept} and at ${other}`,
    because: (name: string, reason: string) => `by ${name}: ${reason}`,
    certified: (until: string) => `expires ${until}`,
    conflict: (reported: number, issued: number) => `it follows generation ${reported}; this hub issued ${issued}`,
    retry: (deployment: string, name: string) => `${deployment}, by ${name}`,
  },

  relabelConflict: 'Somebody changed the labels meanwhile',
  relabelConflictLead: 'Your changes are applied to theirs. Check them, then save.',
  relabelSet: (key: string, value: string) => `${key}=${value} was set`,
  relabelRemoved: (key: string) => `${key} was removed`,
  relabelTheirs: 'Discard my changes',
} as const
