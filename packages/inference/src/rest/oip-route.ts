/** [Open Inference Protocol V2, REST paths] Which endpoint a method and path mean. Pure. */
import { type Failure, fail } from '../host/failure.ts'

type Target = { model: string; version: string | undefined }

export type Route =
  | { kind: 'live' | 'ready' | 'server' | 'metrics' | 'index' }
  | ({ kind: 'model' | 'model_ready' | 'infer' } & Target)
  | { kind: 'stats'; model: string | undefined; version: string | undefined }
  | { kind: 'repository_change' }

export type Routed = { ok: true; route: Route } | (Failure & { allow?: string })

/** Finds the endpoint. A trailing slash is accepted, as the protocol's own OpenAPI file has one. */
export function findRoute(method: string, path: string): Routed {
  const segments = decodeSegments(path)
  if (segments === undefined) return fail('input_invalid', 'the path has a broken percent sign')
  const route = routeOf(segments)
  if (route === undefined) return fail('route_unknown', 'no such path: GET /v2 describes this server')
  const allow = METHOD_OF[route.kind]
  const isAllowed = method === allow || (method === 'HEAD' && allow === 'GET')
  return isAllowed ? { ok: true, route } : { ...fail('method_refused', `use ${allow} on this path`), allow }
}

const METHOD_OF = {
  live: 'GET',
  ready: 'GET',
  server: 'GET',
  metrics: 'GET',
  index: 'POST',
  model: 'GET',
  model_ready: 'GET',
  infer: 'POST',
  stats: 'GET',
  repository_change: 'POST',
} as const satisfies Record<Route['kind'], 'GET' | 'POST'>

function decodeSegments(path: string): string[] | undefined {
  const [pathname = ''] = path.split('?')
  const segments = pathname.split('/').slice(1)
  if (segments.at(-1) === '') segments.pop()
  try {
    return segments.map(decodeURIComponent)
  } catch {
    return undefined
  }
}

function routeOf([root, area, ...rest]: string[]): Route | undefined {
  if (root === 'metrics' && area === undefined) return { kind: 'metrics' }
  if (root !== 'v2') return undefined
  switch (area) {
    case undefined:
      return { kind: 'server' }
    case 'health':
      return healthRoute(rest)
    case 'models':
      return modelRoute(rest)
    case 'repository':
      return repositoryRoute(rest)
    default:
      return undefined
  }
}

function healthRoute([name, ...rest]: string[]): Route | undefined {
  return rest.length === 0 && (name === 'live' || name === 'ready') ? { kind: name } : undefined
}

function modelRoute([model, ...rest]: string[]): Route | undefined {
  if (model === 'stats' && rest.length === 0) return { kind: 'stats', model: undefined, version: undefined }
  if (model === undefined || model === '') return undefined
  if (rest[0] === 'versions' && rest[1] !== undefined && rest[1] !== '')
    return actionRoute(model, rest[1], rest.slice(2))
  return actionRoute(model, undefined, rest)
}

function actionRoute(model: string, version: string | undefined, [action, ...rest]: string[]): Route | undefined {
  if (rest.length > 0) return undefined
  switch (action) {
    case undefined:
      return { kind: 'model', model, version }
    case 'ready':
      return { kind: 'model_ready', model, version }
    case 'infer':
    case 'stats':
      return { kind: action, model, version }
    default:
      return undefined
  }
}

function repositoryRoute([name, , action, ...rest]: string[]): Route | undefined {
  if (name === 'index' && action === undefined) return { kind: 'index' }
  const isChange = name === 'models' && (action === 'load' || action === 'unload') && rest.length === 0
  return isChange ? { kind: 'repository_change' } : undefined
}
