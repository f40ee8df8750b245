/**
 * federated: training on devices, in parts. `train` measures the cost of training, beside PyTorch in the same run if it
 * is installed; processor seconds count. `masks` measures the cost of secure aggregation. `clients`
 * runs campaigns of ten, a hundred and a thousand virtual devices on a real hub. `cells` counts rounds of the
 * FedAvg paper's small network, and `cells-cnn` those of its convolutional one, which takes an hour.
 */
import { cellRounds } from './cell-rounds.ts'
import { maskCost } from './mask-cost.ts'
import { trainSpeed } from './train-speed.ts'
import { virtualClients } from './virtual-clients.ts'

const parts: Readonly<Record<string, () => Promise<object>>> = {
  train: trainSpeed,
  masks: maskCost,
  clients: virtualClients,
  cells: () => cellRounds('2NN'),
  'cells-cnn': () => cellRounds('CNN'),
}

/** Without the name of a part, all but the longest. */
const USUAL = ['train', 'masks', 'clients', 'cells']

export async function run({ part }: { part: string }): Promise<object> {
  const chosen = part === '' ? USUAL : [part]
  const results: Record<string, object> = {}
  for (const name of chosen) {
    const measure = parts[name]
    if (!measure) throw new Error(`federated has the parts ${Object.keys(parts).join(', ')}`)
    console.error(`federated: ${name}`)
    results[name] = await measure()
  }
  return { benchmark: 'federated', ...results }
}
