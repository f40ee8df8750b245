/** Own weights: weights that a device trained for itself. They stand in for those of the file when the model is opened. */
import { readFileSync } from 'node:fs'
import { splitWeights, weightsOfBytes } from '@skerry/core/campaigns/weights'
import { writeParameters } from '@skerry/onnx/train/parameters'
import type { OpenSource, OwnWeights } from './model-source.ts'

/** The model with these weights, in memory only. Throws if it does not have all of them, in these sizes. */
export function withOwnWeights({ model, forget }: OpenSource, { weights, values }: OwnWeights): OpenSource {
  const line = weightsOfBytes(
    values,
    weights.reduce((sum, { elements }) => sum + elements, 0),
  )
  if (!line) throw new Error('the own weights of the device have another size than the version names')
  const changed = writeParameters(typeof model === 'string' ? readFileSync(model) : model, splitWeights(line, weights))
  forget()
  return { model: changed, options: {}, forget: () => void changed.buffer.transfer(0) }
}
