/** Route options: the rules of a route on the command line. */
import { Residency } from '@skerry/contract/places/placement'
import { Pipeline, type PipelineStage } from '@skerry/contract/routes/pipeline'
import { RoutePreference, RouteSpec } from '@skerry/contract/routes/route'
import { Clearance } from '@skerry/contract/values/clearance'
import { Name } from '@skerry/contract/values/names'
import { asIs, fits, fitsNumber, flag, list, value } from '../../program/command.ts'
import { wrongUsage } from '../../program/failure.ts'
import { parseDuration, parseModelReference } from '../../program/values.ts'

const { shape } = RouteSpec
const queue = Pipeline.shape.queue.unwrap()

export const ROUTE_OPTIONS = {
  prefer: value(
    '--prefer <how>',
    'local (places at the site of the gateway first, the default), least (fewest requests) or order (of --site)',
    fits(RoutePreference),
  ),
  sites: list('--site <site>', 'for --prefer order: sites in their order', fits(Name)),
  dataClass: value('--data <class>', `class of the data: ${Clearance.options.join(', ')}`, fits(Clearance)),
  residency: list('--in <country>', 'the data stays in these countries or groups, such as EU', fits(Residency)),
  timeout: value('--timeout <duration>', 'the most time for a request; 30s by default', parseDuration),
  attempts: value(
    '--attempts <count>',
    'places that a request tries at most; 3 by default',
    fitsNumber(shape.attempts),
  ),
  retryPercent: value(
    '--retry-percent <percent>',
    'repeats as a share of the requests; 20 by default',
    fitsNumber(shape.retryPercent),
  ),
  concurrency: value(
    '--concurrency <count>',
    'requests that a place works on at the same time; 64 by default',
    fitsNumber(shape.concurrency),
  ),
  hedgeMs: value(
    '--hedge-ms <ms>',
    'send a request to a second place too if there is no answer after this time; off by default',
    fitsNumber(shape.hedgeMs.unwrap()),
  ),
  split: value('--split <version=percent>', 'share of the requests for one version, such as 3=10%', parseSplit),
  stages: list(
    '--stage <version>',
    'for a pipeline: a version that each request passes, as NAME:VERSION, in order',
    parseStage,
  ),
  outputs: list(
    '--output <tensor>',
    'for a pipeline: a tensor that callers get; by default those that no stage takes',
    asIs,
  ),
  queue: value(
    '--queue <count>',
    'for a pipeline: requests that wait for each stage; 16 by default',
    fitsNumber(queue),
  ),
  isOnce: flag('--no-repeat', 'never send a request again that a place may have carried out'),
}

function parseSplit(text: string): NonNullable<RouteSpec['split']> {
  const [, version, percent] = /^([1-9]\d{0,8})=(\d{1,3})%$/.exec(text) ?? []
  if (version === undefined || Number(percent) > 100) throw new Error('must look like 3=10%')
  return { version: Number(version), percent: Number(percent) }
}

function parseStage(text: string): PipelineStage {
  const { name: model, version } = parseModelReference(text)
  if (version === undefined || !/^\d+$/.test(version)) throw new Error('must look like NAME:3')
  return { model, version: Number(version) }
}

type Given = { [Key in keyof typeof ROUTE_OPTIONS]: ReturnType<(typeof ROUTE_OPTIONS)[Key]['read']> }

/** The rules that were given; the others are those of `before`, or the usual ones. */
export function routeSpec(model: string, given: Given, before: Partial<RouteSpec> = {}): RouteSpec {
  const { timeout, isOnce, sites, residency, stages, outputs, queue, ...rest } = given
  const pipeline = pipelineOf({ stages, outputs, queue }, before.pipeline)
  const changed = Object.fromEntries(Object.entries(rest).filter(([, word]) => word !== undefined))
  const parsed = RouteSpec.safeParse({
    ...before,
    ...changed,
    model,
    ...(sites.length > 0 && { sites }),
    ...(residency.length > 0 && { residency }),
    ...(timeout !== undefined && { timeoutMs: timeout * 1_000 }),
    ...(isOnce && { isRepeatable: false }),
    ...(pipeline && { pipeline }),
  })
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  throw wrongUsage(`the route is not right: ${issue?.path.join('.')} ${issue?.message}`)
}

type GivenPipeline = Pick<Given, 'stages' | 'outputs' | 'queue'>

/** New stages replace all of those before, and their outputs with them. */
function pipelineOf({ stages, outputs, queue }: GivenPipeline, before: RouteSpec['pipeline']) {
  if (stages.length === 0 && !before) {
    if (outputs.length > 0 || queue !== undefined)
      throw wrongUsage('--output and --queue are for pipelines', 'name stages with --stage')
    return undefined
  }
  const kept = stages.length > 0 ? { queue: before?.queue, stages } : before
  return { ...kept, ...(outputs.length > 0 && { outputs }), ...(queue !== undefined && { queue }) }
}

/** The model of a new route: the given one, or that of the last stage. */
export function routeModel(model: Name | undefined, { stages }: Pick<Given, 'stages'>): Name {
  const named = model ?? stages.at(-1)?.model
  if (named === undefined)
    throw wrongUsage('a route needs a model', 'give --model, or the stages of a pipeline with --stage')
  return named
}
