/** Masked update: the answers of a device to the stages of a masked round, for weights and for counts. */
import { randomBytes } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import type { MaskOrder } from '@skerry/contract/campaigns/masking'
import { bytesOfWeights, isFiniteWeights, stepNorm, weightsOfBytes } from '@skerry/core/campaigns/weights'
import { quantiseUpdate } from '@skerry/core/masking/quantise'
import { readSource, type SourceFile } from '@skerry/inference/runtime/model-source'
import { secureNumbers } from '@skerry/platform/sealing/secure-numbers'
import {
  type MaskAnswer,
  type MaskSession,
  sessionKeys,
  sessionMask,
  sessionReveal,
  sessionShares,
} from './mask-session.ts'

/** The body of the answer to a stage without training. */
export function exchangeBody(session: MaskSession, order: Exclude<MaskOrder, { stage: 'update' }>): MaskAnswer<object> {
  switch (order.stage) {
    case 'keys':
      return { ok: true, value: sessionKeys(session) }
    case 'shares':
      return sessionShares(session, order, randomBytes)
    case 'reveal':
      return sessionReveal(session, order)
  }
}

export type Masking = {
  session: MaskSession
  order: Extract<MaskOrder, { stage: 'update' }>
  /** The weights at the start of the round. */
  base: SourceFile
  rows: number
  /** The file of the new weights. Masked words replace them. */
  path: string
}

/** Replaces the counts in the file by masked words. The word before them counts the devices. */
export async function maskCounts({
  session,
  order,
  path,
}: Omit<Masking, 'base' | 'rows'>): Promise<MaskAnswer<undefined>> {
  const bytes = await readFile(path)
  const counts = new Uint32Array(Uint8Array.from(bytes).buffer)
  const masked = sessionMask(session, order, Uint32Array.of(1, ...counts))
  if (!masked.ok) return masked
  await writeFile(path, bytesOfWeights(new Float32Array(masked.value.buffer)))
  return { ok: true, value: undefined }
}

/** Replaces the trained weights in the file by their masked step. */
export async function maskFile(masking: Masking): Promise<MaskAnswer<undefined>> {
  const { session, order, base, rows, path } = masking
  const bytes = await readFile(path)
  const elements = bytes.byteLength / 4
  const trained = weightsOfBytes(bytes, elements)
  const start = weightsOfBytes(readSource(base), elements)
  if (!trained || !start || !isFiniteWeights(trained))
    return { ok: false, code: 'not_finite', message: 'the training ended with values that are NaN or infinite' }
  const norm = stepNorm(start, trained)
  const factor = order.bound !== undefined && norm > order.bound ? order.bound / norm : 1
  const step = trained.map((value, at) => factor * (value - (start[at] ?? 0)))
  const ratio = Math.min(1, rows / order.rowsMax)
  const masked = sessionMask(session, order, quantiseUpdate(step, ratio, order, secureNumbers()))
  if (!masked.ok) return masked
  await writeFile(path, bytesOfWeights(new Float32Array(masked.value.buffer)))
  return { ok: true, value: undefined }
}
