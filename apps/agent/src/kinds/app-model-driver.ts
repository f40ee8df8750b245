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
import type { Driver, DriverAnswer, ServedEndpoint } from './driver.ts'
import { type DriverDeps, lackOf, runnerDriver } from './runner-driver.ts'

/** In milliseconds. A server of models needs seconds to start, and a person waits for it. */
const WAIT_MS = 2_000

export type AppModelDeps = Pick<DriverDeps, 'runner' | 'files' | 'apps'>

export type Refusal = Extract<DriverAnswer, { ok: false }>

/** A kind of such models. */
type AppModelKind<Model, Endpoint extends ServedEndpoint> = {
  kind: VersionKind
  /** The file of a version that describes the model. */
  path: string
  schema: z.ZodType<Model>
  /** The server of a running release of the app; undefined if there is none. */
  endpointOf(model: Model): Endpoint | undefined
  /** Why there is none, such as `no running release of the app vision serves the model tagger`. */
  absence(model: Model): string
  /** Brings the model into the server. Undefined if it is there; otherwise why it is not, or not yet. */
  bring?(
    order: { model: Model; endpoint: Endpoint; item: DesiredItem },
    signal: AbortSignal,
  ): Promise<Refusal | undefined>
  /** The order for the runner. */
  loadOf(model: Model, endpoint: Endpoint, item: DesiredItem): Parameters<RunnerSupervisor['load']>[1]
}

/** The model and the place that a version was loaded from. */
type Loaded<Model> = { model: Model; place: string }

export function appModelDriver<Model, Endpoint extends ServedEndpoint>(
  deps: AppModelDeps,
  { kind, path, schema, endpointOf, absence, bring, loadOf }: AppModelKind<Model, Endpoint>,
): Driver {
  const { runner, files, apps } = deps
  const places = new WeakMap<DesiredItem, Loaded<Model>>()
  const base = runnerDriver(kind, deps)
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
    async load(item, _isolation, signal) {
      const lack = lackOf(path, item)
      if (lack) return lack
      const model = await files.withFile(item, path, async (file) => parse(schema, readSource(file)))
      if (!model) return { ok: false, code: 'model_load_failed', message: `${path} cannot be read; update the agent` }
      const endpoint = endpointOf(model)
      if (!endpoint) return waiting(absence(model))
      const refusal = await bring?.({ model, endpoint, item }, signal)
      if (refusal) return refusal
      // A slot of the place before answers nobody any more.
      await runner.unload(item)
      places.set(item, { model, place: placeOf(endpoint) })
      const answer = await runner.load(item, loadOf(model, endpoint, item), 'shared')
      return isServerAway(answer) && !answer.ok ? waiting(answer.message) : answer
    },
  }
}

const placeOf = ({ host, port, isBinary, start = '' }: ServedEndpoint & { start?: string }) =>
  `${host} ${port} ${isBinary} ${start}`

/** The version is not to blame, and the loop asks again. */
export const waiting = (message: string): Refusal => ({
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
