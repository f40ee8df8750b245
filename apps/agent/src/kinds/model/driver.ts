/** Model driver: models are threads or processes of the runner, with onnxruntime in them. */
import type { DesiredItem } from '@skerry/contract/devices/desired'
import { MODEL_PATH } from '@skerry/contract/kinds/model'
import type { Serving } from '@skerry/contract/models/serving'
import { needsOwnFiles } from '@skerry/inference/runtime/hard-links'
import type { ModelSource, OwnWeights } from '@skerry/inference/runtime/model-source'
import type { Driver, DriverAnswer } from '../driver.ts'
import { type DriverDeps, lackOf, runnerDriver } from '../runner-driver.ts'
import { ownWeightsOf } from './own-weights.ts'

type ModelDriverDeps = Pick<DriverDeps, 'runner' | 'files' | 'statesFolder' | 'log'>

type Isolation = Serving['isolation']

/** A loaded version, and whether it has the weights that the device trained for itself. */
type Load = { isolation: Isolation; hasOwn: boolean }

export const openModelDriver = (deps: ModelDriverDeps): Driver => {
  const { runner, files } = deps
  const loads = new Map<string, Load>()
  return {
    ...runnerDriver('model', deps),
    async load(item, isolation) {
      const lack = lackOf(MODEL_PATH, item)
      if (lack) return lack
      loads.set(keyOf(item), { isolation, hasOwn: false })
      return loadInto(deps, item, { isolation })
    },
    async activate(item) {
      const failure = await takeOwnWeights(deps, item, loads.get(keyOf(item)))
      return failure ?? runner.activate(item)
    },
    async unload(item) {
      const answer = await runner.unload(item)
      if (answer.ok) loads.delete(keyOf(item))
      return answer
    },
    mirror: (item, rules) => files.withGolden(item, (golden) => runner.mirror(item, rules, golden?.golden)),
    announce: runner.expect,
  }
}

/** A version can be loaded twice, with other settings. */
const keyOf = ({ name, version, digest, spec }: DesiredItem) => `${name}:${version} ${digest} ${JSON.stringify(spec)}`

type Loading = { isolation: Isolation; own?: OwnWeights }

async function loadInto(
  { runner, files }: ModelDriverDeps,
  item: DesiredItem,
  { isolation, own }: Loading,
): Promise<DriverAnswer> {
  const loadFrom = (source: ModelSource) =>
    runner.load(item, { kind: 'model', files: own ? { ...source, own } : source }, isolation)
  const answer = await files.withModel(item, loadFrom)
  return needsOwnFiles(answer) ? files.withOwnFiles(item, loadFrom) : answer
}

/**
 * Loads the version again with the device's own weights, before it serves: its golden cases are for those of the file. The
 * reason if it cannot be loaded any more.
 */
async function takeOwnWeights(
  deps: ModelDriverDeps,
  item: DesiredItem,
  load: Load | undefined,
): Promise<DriverAnswer | undefined> {
  if (!load || load.hasOwn) return undefined
  const own = await ownWeightsOf(deps, item)
  if (!own || !(await deps.runner.unload(item)).ok) return undefined
  const { isolation } = load
  const about = { model: item.name, version: item.version }
  const answer = await loadInto(deps, item, { isolation, own })
  if (answer.ok) {
    load.hasOwn = true
    deps.log.info('own_weights_taken', { ...about, weights: own.weights.map(({ name }) => name) })
    return undefined
  }
  deps.log.warn('own_weights_refused', { ...about, code: answer.code, message: answer.message })
  const plain = await loadInto(deps, item, { isolation })
  return plain.ok ? undefined : plain
}
