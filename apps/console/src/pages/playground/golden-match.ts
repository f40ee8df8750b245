/** Golden match: the golden case whose inputs are the inputs of a run, byte for byte. Its outputs are expected. Pure. */
import type { GoldenCase } from '@skerry/contract/devices/golden'
import type { NamedTensor } from '@skerry/contract/models/infer'

/** The index of the case; undefined if none has exactly these inputs. */
export function matchingCase(
  inputs: readonly NamedTensor[] | undefined,
  cases: readonly GoldenCase[],
): number | undefined {
  if (inputs === undefined) return undefined
  const at = cases.findIndex(
    (each) =>
      Object.keys(each.inputs).length === inputs.length &&
      inputs.every(({ name, datatype, shape, data }) => {
        const golden = each.inputs[name]
        return golden?.datatype === datatype && golden.shape.join() === shape.join() && golden.data === data
      }),
  )
  return at === -1 ? undefined : at
}
