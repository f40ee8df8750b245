/**
 * Routes: a stable name under which callers reach a model, wherever it runs. A gateway is a process beside the hub that
 * answers the Open Inference Protocol for routes, and passes each request to one of the devices that serve the model.
 */
import * as z from 'zod'
import { TensorSpec } from '../models/tensor.ts'
import { Placement } from '../places/placement.ts'
import { SiteKind } from '../sites/site.ts'
import { Clearance } from '../values/clearance.ts'
import { DeviceId, OrganisationId } from '../values/ids.ts'
import { InstantMs, Name } from '../values/names.ts'
import { PIPELINE_STAGES_MAX, Pipeline, PipelineStage } from './pipeline.ts'

/**
 * A gateway opens a WebSocket at this path, followed by a slash, the route, a slash and the id of the device, to send
 * requests to a device without an address. `?site=` names the site of the gateway.
 */
export const ROUTE_STREAM_PATH = '/v1/route-streams'

/** As many as an organisation has models that callers need from elsewhere. A table of all of them stays below 1 MiB. */
export const ROUTES_MAX = 200

/** More devices share no load better. The others are not used, and the answer says so. */
export const ROUTE_PLACES_MAX = 200

/** Gateways of one organisation: several at each of some sites. */
export const GATEWAYS_MAX = 64

/**
 * local: places at the gateway's own site first. least: the place with the fewest requests at the moment. order: places
 * at the first of `sites` first, and so on; sites that are not named are excluded.
 */
export const RoutePreference = z.enum(['local', 'least', 'order'])
export type RoutePreference = z.infer<typeof RoutePreference>

export const RouteSpec = z.strictObject({
  /** The model that answers; the path of a caller has the name of the route instead. */
  model: Name,
  prefer: RoutePreference.default('local'),
  /** For `order`. 50 sites are more than one person puts in order. */
  sites: z
    .array(Name)
    .min(1)
    .max(50)
    .refine((names) => new Set(names).size === names.length, 'names a site twice')
    .optional(),
  /** From the request to the end of the answer, over all attempts. Ten minutes are longer than any model takes. */
  timeoutMs: z.int().min(10).max(600_000).default(30_000),
  /** Places that one request tries, at most. */
  attempts: z.int().min(1).max(5).default(3),
  /** Second and later attempts, as a share of the requests. Without a budget, repeats would double an overload. */
  retryPercent: z.int().min(0).max(100).default(20),
  /**
   * Whether another place may get a request again after a place has failed. Not for models that keep a state between
   * requests.
   */
  isRepeatable: z.boolean().default(true),
  /** Requests that a place works on at the same time. Above it, the next place gets them; if all are full, 429. */
  concurrency: z.int().min(1).max(1_024).default(64),
  /** After this long without an answer, a second place gets the request too, within the budget. Off if absent. */
  hedgeMs: z.int().min(1).max(60_000).optional(),
  /** A place that failed this often in a row gets no requests for a while, then one to try. */
  breaker: z
    .strictObject({
      failures: z.int().min(1).max(100).default(3),
      openMs: z.int().min(100).max(600_000).default(5_000),
    })
    .prefault({}),
  /** The class of the data: the sites of the places and of the gateway need this clearance, or a higher one. */
  dataClass: Clearance.optional(),
  /** The data stays in these countries, also on its way through the gateway. */
  residency: Placement.shape.residency,
  /** This share of the requests goes to places that serve the version; the others to places with another version. */
  split: z.strictObject({ version: z.int().min(1), percent: z.int().min(0).max(100) }).optional(),
  /** Versions that answer together, in place of `model`, which then only names the answers. */
  pipeline: Pipeline.optional(),
})
export type RouteSpec = z.infer<typeof RouteSpec>

/** A route without its places. */
export const Route = z.strictObject({
  name: Name,
  spec: RouteSpec,
  revision: z.int().min(1),
  createdAtMs: InstantMs,
  changedAtMs: InstantMs,
  changedBy: z.string().max(200),
})
export type Route = z.infer<typeof Route>

/**
 * Why a device that serves the model is a place of the route or not. `open`: gateways use it. `device_silent`: only if
 * no other place is left. The others exclude it.
 */
export const RouteVerdict = z.enum([
  'open',
  'device_silent',
  'address_missing',
  'clearance_too_low',
  'residency_violated',
  'site_excluded',
  'too_many',
])
export type RouteVerdict = z.infer<typeof RouteVerdict>

/** closed: it gets requests. open: it gets none for a while. half-open: one request tries it. */
export const BreakerState = z.enum(['closed', 'open', 'half-open'])
export type BreakerState = z.infer<typeof BreakerState>

const count = z.int().min(0)

/** The last minute of one place of a route, as a gateway counted it. */
export const PlaceCounts = z.object({
  route: Name,
  place: DeviceId,
  /** The stage of a pipeline, from 1: a device may serve several. */
  stage: z.int().min(1).max(PIPELINE_STAGES_MAX).optional(),
  state: BreakerState,
  outstanding: count,
  requests: count,
  /** Attempts that ended without an answer of the model. */
  failed: count,
  p50Ms: z.number().min(0).optional(),
  p99Ms: z.number().min(0).optional(),
})
export type PlaceCounts = z.infer<typeof PlaceCounts>

/** Requests of the last minute that no place answered. */
export const RouteCounts = z.object({ route: Name, overloaded: count, unanswered: count, retried: count })
export type RouteCounts = z.infer<typeof RouteCounts>

/** The report of a gateway. Not strict: a newer gateway may count more. 1,000 rows have 100 kB. */
export const GatewayReport = z.object({
  /** The length of the counted time; a minute, or less after a start. */
  seconds: z.number().min(0).max(3_600),
  places: z.array(PlaceCounts).max(1_000),
  routes: z.array(RouteCounts).max(ROUTES_MAX),
})
export type GatewayReport = z.infer<typeof GatewayReport>

/** A place, as the table of a gateway has it. Tables are not strict: a newer hub may add fields. */
export const TablePlace = z.object({
  id: DeviceId,
  device: Name,
  site: Name,
  version: z.int().min(1),
  /** The origin of its REST server. Absent: the gateway reaches it by a stream of bytes through the hub. */
  address: z.string().max(300).optional(),
  /** The hub does not hear the device. */
  isSilent: z.boolean(),
})
export type TablePlace = z.infer<typeof TablePlace>

/** A stage of a pipeline in the table of a gateway, with the tensors of its version. */
export const TableStage = z.object({
  ...PipelineStage.shape,
  inputs: z.array(TensorSpec),
  outputs: z.array(TensorSpec),
  places: z.array(TablePlace).max(ROUTE_PLACES_MAX),
  /** Why there is no place, in words. */
  lack: z.string().max(500).optional(),
})
export type TableStage = z.infer<typeof TableStage>

/** A route in the table of a gateway. */
export const TableRoute = z.object({
  name: Name,
  spec: RouteSpec.strip(),
  /** Why this gateway must not serve the route; it has no places then. */
  refusal: z.string().max(500).optional(),
  places: z.array(TablePlace).max(ROUTE_PLACES_MAX),
  /** Why there is no place, in words. */
  lack: z.string().max(500).optional(),
  /** Of a pipeline. It has no other places, so that a gateway which knows no pipelines does not serve it. */
  stages: z.array(TableStage).max(PIPELINE_STAGES_MAX).optional(),
})
export type TableRoute = z.infer<typeof TableRoute>

export const RouteTable = z.object({
  organisationId: OrganisationId,
  /** A digest of the rest. */
  revision: z.string().max(80),
  routes: z.array(TableRoute).max(ROUTES_MAX),
})
export type RouteTable = z.infer<typeof RouteTable>

/** The counts of one gateway for one place, for people. */
export const PlaceTraffic = z.strictObject({
  gateway: Name,
  state: BreakerState,
  outstanding: count,
  perSecond: z.number().min(0),
  failed: count,
  p50Ms: z.number().min(0).optional(),
  p99Ms: z.number().min(0).optional(),
})
export type PlaceTraffic = z.infer<typeof PlaceTraffic>

export const RoutePlace = z.strictObject({
  id: DeviceId,
  device: Name,
  site: Name,
  kind: SiteKind,
  country: z.string().optional(),
  version: z.int().min(1),
  address: z.string().optional(),
  verdict: RouteVerdict,
  /** Words for people. */
  reason: z.string(),
  /** The stage of a pipeline that it serves, from 1. */
  stage: z.int().min(1).max(PIPELINE_STAGES_MAX).optional(),
  traffic: z.array(PlaceTraffic).max(GATEWAYS_MAX),
})
export type RoutePlace = z.infer<typeof RoutePlace>

export const RouteGateway = z.strictObject({
  gateway: Name,
  site: Name.optional(),
  url: z.string().optional(),
  seenAtMs: InstantMs,
  /** It has reported within the last half minute. */
  isFresh: z.boolean(),
  /** Why it does not serve the route. */
  refusal: z.string().optional(),
  overloaded: count,
  unanswered: count,
  retried: count,
})
export type RouteGateway = z.infer<typeof RouteGateway>

/** serving: all is well. limited: a place is open or silent. down: no place can answer. idle: no gateway reports. */
export const RouteState = z.enum(['serving', 'limited', 'down', 'idle'])
export type RouteState = z.infer<typeof RouteState>

/** A row of the list. The figures are of the last minute, over all gateways. */
export const RouteRow = z.strictObject({
  ...Route.shape,
  state: RouteState,
  /** Places that gateways may use. */
  places: count,
  gateways: count,
  perSecond: z.number().min(0),
  p50Ms: z.number().min(0).optional(),
})
export type RouteRow = z.infer<typeof RouteRow>

/** A stage of a pipeline, with the tensors that pass. */
export const RouteStage = z.strictObject({
  ...PipelineStage.shape,
  takes: z.array(TensorSpec),
  gives: z.array(TensorSpec),
  /** Places that gateways may use. */
  places: count,
})
export type RouteStage = z.infer<typeof RouteStage>

export const RouteDetail = z.strictObject({
  ...RouteRow.omit({ places: true, gateways: true }).shape,
  places: z.array(RoutePlace).max(2 * ROUTE_PLACES_MAX),
  /** Of a pipeline. */
  stages: z.array(RouteStage).max(PIPELINE_STAGES_MAX).optional(),
  gateways: z.array(RouteGateway).max(GATEWAYS_MAX),
})
export type RouteDetail = z.infer<typeof RouteDetail>
