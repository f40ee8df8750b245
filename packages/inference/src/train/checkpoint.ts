/**
 * Checkpoint: the place that a training has reached, in a file, so that a killed one goes on from there. It has the weights
 * with the state of the optimiser, and the losses until now. A file that is torn, or of another training, counts as none.
 *
 *     32 bytes  the key of the training       4 bytes  the steps that are done
 *     4 bytes for the loss of each step       4 bytes for each weight and state       32 bytes  SHA-256 of all before
 */
import { createHash } from 'node:crypto'
import { open, readFile, rename, rm } from 'node:fs/promises'
import { bytesOfWeights, isFiniteWeights, weightsOfBytes } from '@skerry/core/campaigns/weights'
import type { TrainTask } from './train-model.ts'

export type Checkpoint = {
  steps: number
  losses: Float32Array
  /** The weights, and then the state of the optimiser. */
  weights: Float32Array
}

const DIGEST_BYTES = 32
const HEAD_BYTES = DIGEST_BYTES + 4

const digestOf = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest()

/** The same for the same steps on the rows of the same digest from the same values. */
export function checkpointKey(order: TrainTask, setDigest: Buffer, starts: readonly Float32Array[]): Buffer {
  const { trainingModel, parameters, personal, row, epochs, batchSize, learningRate, clipNorm, seed } = order
  const model = trainingModel.name
  const own = personal?.parameters
  const hash = createHash('sha256')
  hash.update(JSON.stringify({ model, parameters, own, row, epochs, batchSize, learningRate, clipNorm, seed }))
  hash.update(setDigest)
  for (const { buffer, byteOffset, byteLength } of starts) hash.update(new Uint8Array(buffer, byteOffset, byteLength))
  return hash.digest()
}

/** Undefined if there is none of this training. */
export async function readCheckpoint(path: string, key: Buffer, elements: number): Promise<Checkpoint | undefined> {
  const bytes = await readFile(path).catch(() => undefined)
  if (!bytes || bytes.length < HEAD_BYTES + DIGEST_BYTES || !bytes.subarray(0, DIGEST_BYTES).equals(key))
    return undefined
  const [content, digest] = [bytes.subarray(0, -DIGEST_BYTES), bytes.subarray(-DIGEST_BYTES)]
  if (!digestOf(content).equals(digest)) return undefined
  const steps = content.readUInt32LE(DIGEST_BYTES)
  const middle = HEAD_BYTES + 4 * steps
  const losses = weightsOfBytes(content.subarray(HEAD_BYTES, middle), steps)
  const weights = weightsOfBytes(content.subarray(middle), elements)
  return losses && weights && isFiniteWeights(weights) ? { steps, losses, weights } : undefined
}

/**
 * The old file or the new one is there, whenever the power fails. A full disk costs the checkpoint and not the training:
 * then the old file stays.
 */
export async function writeCheckpoint(path: string, key: Buffer, checkpoint: Checkpoint): Promise<void> {
  try {
    await replaceFile(path, key, checkpoint)
  } catch {
    await rm(`${path}.part`, { force: true })
  }
}

async function replaceFile(path: string, key: Buffer, { steps, losses, weights }: Checkpoint): Promise<void> {
  const count = Buffer.alloc(4)
  count.writeUInt32LE(steps)
  const content = Buffer.concat([key, count, bytesOfWeights(losses), bytesOfWeights(weights)])
  {
    await using file = await open(`${path}.part`, 'w', 0o600)
    await file.writeFile(content)
    await file.appendFile(digestOf(content))
    await file.datasync()
  }
  await rename(`${path}.part`, path)
}
