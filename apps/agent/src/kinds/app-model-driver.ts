/**
 * App model driver: the driver of models that an app on this device answers for. A version waits until a running release
 * of the app declares the model. Then the runner loads it with the server of the app in the place of a worker.
 */
import type { DesiredItem } from '@skerry/contract/devices/desired'
import type { VersionKind } from '@skerry/contract/kinds/kinds'
import { isServerAway } from '@skerry/inference/remote/remote-model'
import { readSource } from '@skerry/inference/runtime/model-source'
import type * as z from 'zod'
import type { RunnerSupervisor } from '../runner/runner-supervisor.ts'
import type { Driver, DriverAnswer, ServedEndpoint, ServedQuery } from './driver.ts'
import { type DriverDeps, lackOf, runnerDriver } from './runner-driver.ts'

/** In milliseconds. A server of models needs seconds to start, and a person waits for it. */
const WAIT_MS = 2_000

export type AppModelDeps = Pick<DriverDeps, 'runner' | 'files' | 'apps'>

/** A kind of such models. */
type AppModelKind<Model> = {
  kind: VersionKind
  /** The file of a version that describes the model. */
  path: string
  schema: z.ZodType<Model>
  queryOf(model: Model): ServedQuery
  /** Words behind the name of the app, such as `serves the model tagger`. */
  doesWhat(model: Model): string
  /** The order for the runner. */
  loadOf(model: Model, endpoint: ServedEndpoint, item: DesiredItem): Parameters<RunnerSupervisor['load']>[1]
}

/** The model and the place that a version was loaded from. */
type Loaded<Model> = { model: Model; place: string }

export function appModelDriver<Model extends { app: Parameters<DriverDeps['apps']['endpointOf']>[0] }>(
  deps: AppModelDeps,
  { kind, path, schema, queryOf, doesWhat, loadOf }: AppModelKind<Model>,
): Driver {
  const { runner, files, apps } = deps
  const places = new WeakMap<DesiredItem, Loaded<Model>>()
  const base = runnerDriver(kind, deps)
  const endpointOf = (model: Model) => apps.endpointOf(model.app, queryOf(model))
  const hasMoved = (item: DesiredItem) => {
    const loaded = places.get(item)
    const endpoint = loaded && endpointOf(loaded.model)
    return loaded !== undefined && endpoint !== undefined && placeOf(endpoint) !== loaded.place
  }
  return {
    ...base,
    isCapable: apps.isCapable,
    // A release of the app that listens elsewhere needs another load of its models.
    loaded: () => base.loaded()?.filter(({ item }) => !hasMoved(item)),
    async load(item) {
      const lack = lackOf(path, item)
      if (lack) return lack
      const model = await files.withFile(item, path, async (file) => parse(schema, readSource(file)))
      if (!model) return { ok: false, code: 'model_load_failed', message: `${path} cannot be read; update the agent` }
      const endpoint = endpointOf(model)
      if (!endpoint) return waiting(`no running release of the app ${model.app} ${doesWhat(model)}`)
      // A slot of the place before answers nobody any more.
      await runner.unload(item)
      places.set(item, { model, place: placeOf(endpoint) })
      const answer = await runner.load(item, loadOf(model, endpoint, item), 'shared')
      return isServerAway(answer) && !answer.ok ? waiting(answer.message) : answer
    },
  }
}

const placeOf = ({ host, port, isBinary }: ServedEndpoint) => `${host} ${port} ${isBinary}`

const waiting = (message: string): DriverAnswer => ({
  ok: false,
  code: 'served_waits',
  message: message.slice(0, 1_000),
  waitMs: WAIT_MS,
})

function parse<Model>(schema: z.ZodType<Model>, bytes: Uint8Array): Model | undefined {
  try {
    return schema.safeParse(JSON.parse(Buffer.from(bytes).toString('utf8'))).data
  } catch {
    return undefined
  }
}
