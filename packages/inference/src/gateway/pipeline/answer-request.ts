/** Answer request: the one way of a caller's request, over REST or gRPC, through a route of either kind. */
import { type Delivered, type Deps, type Forwarded, forwardRequest } from '../forward.ts'
import { missingRoute } from '../gateway-admission.ts'
import type { LiveRoute } from '../routing.ts'
import { isPipelineReady, pipelineMetadata, runPipeline } from './run-pipeline.ts'

/** To one place, or through the stages of a pipeline. */
export async function answerRequest(
  deps: Deps,
  route: LiveRoute,
  request: Forwarded,
  signal: AbortSignal,
): Promise<Delivered> {
  const { pipeline } = route
  if (!pipeline) return forwardRequest(deps, route, request, signal)
  // A pipeline has the versions of its stages, and none of its own.
  if (request.version !== undefined) return missingRoute(`${route.row.name}:${request.version}`)
  if (request.method === 'GET') return pipelineMetadata(route, pipeline)
  return runPipeline(deps, { route, pipeline, request }, signal)
}

/** Whether the route can answer a request now. */
export const isRouteReady = ({ pipeline, row, stateOf }: LiveRoute): boolean =>
  pipeline ? isPipelineReady(pipeline) : row.places.some((place) => stateOf(place) === 'closed')
