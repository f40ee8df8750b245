/** federated: what a training costs, beside PyTorch in the same run if it is installed. Processor seconds count. */
import { trainSpeed } from './train-speed.ts'

/** Runs the benchmark; takes some minutes. */
export async function run(): Promise<object> {
  console.error('federated: train')
  return { benchmark: 'federated', train: await trainSpeed() }
}
