/** Texts of the pages about routes. */
import type { BreakerState, RouteState, RouteVerdict } from '@skerry/contract/routes/route'
import { count, number } from '../../texts/count.ts'

const shapeText = (shape: readonly number[]) => `[${shape.map((size) => (size === -1 ? '?' : size)).join(', ')}]`

const states: Record<RouteState, string> = {
  serving: 'Serving',
  limited: 'Some places fail',
  down: 'Down',
  idle: 'No gateway',
}

const verdicts: Record<RouteVerdict, string> = {
  open: 'Serves',
  device_silent: 'Silent',
  address_missing: 'No address',
  clearance_too_low: 'Clearance too low',
  residency_violated: 'Outside the residency',
  site_excluded: 'Site not named',
  too_many: 'Too many places',
}

const breakers: Record<BreakerState, string> = { closed: 'healthy', open: 'fails', 'half-open': 'is tested' }

export const routesTexts = {
  title: 'Routes',
  count: (rows: number) => count(rows, 'route'),
  filter: 'Filter the routes',
  noMatch: 'No route fits the filter.',
  empty: 'No routes yet',
  emptyHint:
    'A route is a stable name of a model for callers. Gateways pass its requests to the devices that serve the model, and to another one if a device fails.',
  create: 'New route',
  back: 'Routes',
  columns: {
    name: 'Route',
    model: 'Model',
    state: 'State',
    places: 'Places',
    rate: 'Requests/s',
    latency: 'Median',
  },
  states,
  verdicts,
  breakers,
  rate: (perSecond: number) => number.format(Math.round(perSecond * 10) / 10),
  ms: (ms: number | undefined) => (ms === undefined ? '–' : `${number.format(Math.round(ms * 10) / 10)} ms`),
  lead: (model: string, rules: string) => `${model}: ${rules}`,
  change: 'Change',
  remove: 'Remove',
  removeTitle: (name: string) => `Remove the route ${name}?`,
  removeLead: 'Callers of the route get 404 from the next second on. The model stays where it is.',
  removed: (name: string) => `The route ${name} is removed`,
  saved: (name: string) => `The route ${name} is saved`,
  picture: {
    title: 'Traffic',
    minute: 'last minute',
    callers: 'Callers',
    perSecond: (perSecond: string) => `${perSecond}/s`,
    outstanding: (requests: number) => `${number.format(requests)} at work`,
    said: (name: string, places: number, used: number) =>
      `The route ${name} leads to ${number.format(used)} of ${count(places, 'device')}`,
    more: (more: number) => `and ${count(more, 'more device')} in the table`,
    none: (model: string) => `No device serves ${model} yet. Deploy it first.`,
  },
  places: {
    title: 'Places',
    columns: {
      device: 'Device',
      stage: 'Stage',
      site: 'Site',
      version: 'Version',
      state: 'State',
      failed: 'Failed',
      p99: '99 %',
      why: 'Why',
    },
  },
  stages: {
    title: 'Stages',
    columns: { stage: 'Stage', version: 'Version', takes: 'Takes', gives: 'Gives', places: 'Places' },
    tensor: (name: string, shape: readonly number[]) => `${name} ${shapeText(shape)}`,
    graph: 'The way of a request',
    shape: shapeText,
    at: (stage: string) => `stage ${stage}`,
    passed: (tensors: number) => count(tensors, 'tensor'),
  },
  gateways: {
    title: 'Gateways',
    none: 'No gateway has reported yet. "skerry gateway" runs one.',
    columns: { gateway: 'Gateway', seen: 'Last seen', counts: 'Not answered' },
    now: 'now',
    at: (site: string) => `at ${site}`,
    counts: (unanswered: number, overloaded: number, retried: number) =>
      `${number.format(unanswered)} failed, ${number.format(overloaded)} overloaded, ${number.format(retried)} repeated`,
  },
  rules: {
    title: 'Rules',
    rows: {
      model: 'Model',
      prefer: 'Prefers',
      timeout: 'Time',
      attempts: 'Attempts',
      concurrency: 'A place works on',
      data: 'Data',
      set: 'Set',
    },
    prefers: { local: 'places at the site of the gateway', least: 'the place with the fewest requests' },
    seconds: (ms: number) => `${number.format(ms / 1_000)} s at most`,
    attempts: (attempts: number, percent: number) => `${number.format(attempts)}, repeats up to ${percent} %`,
    requests: (requests: number) => count(requests, 'request'),
    anywhere: 'anywhere',
    by: (name: string) => `by ${name}`,
  },
  line: 'Callers reach it by the route',
  dialog: {
    createTitle: 'New route',
    changeTitle: (name: string) => `Change the route ${name}`,
    lead: 'Rules of data and law count for the devices and for the gateway.',
    verb: 'Save',
    name: 'Name',
    nameError: '1 to 63 of a-z, 0-9 and -',
    model: 'Model',
    choose: 'Choose a model',
    prefer: 'Prefers',
    prefers: {
      local: 'places at the site of the gateway',
      least: 'the place with the fewest requests',
      order: 'sites in an order',
    },
    sites: 'Sites in their order',
    sitesHint: 'Names with commas: lyon, paris.',
    sitesError: 'Name the sites',
    dataClass: 'Class of the data',
    anyClass: 'not stated',
    residency: 'Countries',
    residencyHint: 'The data stays in these countries or groups, with commas: EU, CH. Empty: anywhere.',
    residencyError: 'Must be countries such as DE, or groups such as EU',
    concurrency: 'Requests that a place works on at the same time',
    concurrencyError: 'From 1 to 1024',
  },
} as const
