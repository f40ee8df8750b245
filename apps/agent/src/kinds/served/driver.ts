/**
 * Served driver: models that an app on this device answers for. The version waits until a running release of the app
 * declares the model. Then the runner loads it as a model whose worker is the server of the app.
 */

import type { DesiredItem } from '@skerry/contract/devices/desired'
import { SERVED_PATH } from '@skerry/contract/kinds/served'
import { ServedModel } from '@skerry/contract/models/served-model'
import { servingOf } from '@skerry/core/kinds/kinds'
import { isServerAway } from '@skerry/inference/remote/remote-model'
import { readSource } from '@skerry/inference/runtime/model-source'
import type { Driver, DriverAnswer, ServedEndpoint } from '../driver.ts'
import { type DriverDeps, lackOf, runnerDriver } from '../runner-driver.ts'

/** In milliseconds. A server of models needs seconds to start, and a person waits for it. */
const WAIT_MS = 2_000

/** The app and the place that a version was loaded from. */
type Loaded = { served: ServedModel; place: string }

export const openServedDriver = (deps: Pick<DriverDeps, 'runner' | 'files' | 'apps'>): Driver => {
  const { runner, files, apps } = deps
  const places = new WeakMap<DesiredItem, Loaded>()
  const base = runnerDriver('served', deps)
  const hasMoved = (item: DesiredItem) => {
    const loaded = places.get(item)
    const endpoint = loaded && apps.endpointOf(loaded.served.app, queryOf(loaded.served))
    return loaded !== undefined && endpoint !== undefined && placeOf(endpoint) !== loaded.place
  }
  return {
    ...base,
    isCapable: apps.isCapable,
    // A release of the app that listens elsewhere needs another load of its models.
    loaded: () => base.loaded()?.filter(({ item }) => !hasMoved(item)),
    async load(item) {
      const lack = lackOf(SERVED_PATH, item)
      if (lack) return lack
      const served = await files.withFile(item, SERVED_PATH, async (file) => parseServed(readSource(file)))
      if (!served)
        return { ok: false, code: 'model_load_failed', message: `${SERVED_PATH} cannot be read; update the agent` }
      const endpoint = apps.endpointOf(served.app, queryOf(served))
      if (!endpoint) return waiting(`no running release of the app ${served.app} serves the model ${served.model}`)
      // A slot of the place before answers nobody any more.
      await runner.unload(item)
      const { inputs, outputs, model } = served
      const remote = { ...endpoint, model, signature: { inputs, outputs }, timeoutMs: servingOf(item).deadlineMs }
      places.set(item, { served, place: placeOf(endpoint) })
      const answer = await runner.load(item, { kind: 'served', files: remote }, 'shared')
      return isServerAway(answer) && !answer.ok ? waiting(answer.message) : answer
    },
    mirror: (item, rules) => files.withGolden(item, (golden) => runner.mirror(item, rules, golden?.golden)),
    announce: runner.expect,
  }
}

const queryOf = ({ model }: ServedModel) => ({ model, protocol: 'oip' as const })

const placeOf = ({ host, port, isBinary }: ServedEndpoint) => `${host} ${port} ${isBinary}`

const waiting = (message: string): DriverAnswer => ({
  ok: false,
  code: 'served_waits',
  message: message.slice(0, 1_000),
  waitMs: WAIT_MS,
})

function parseServed(bytes: Uint8Array): ServedModel | undefined {
  try {
    return ServedModel.safeParse(JSON.parse(Buffer.from(bytes).toString('utf8'))).data
  } catch {
    return undefined
  }
}
