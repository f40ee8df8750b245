/** Batches of commands, and the job of each device. */
import { batchTag } from '@skerry/contract/values/entity-tag'
import { BatchId } from '@skerry/contract/values/ids'
import { isWithin } from '@skerry/core/people/scope'
import type { FindTag, IsInScope, Noun } from '../nouns/noun.ts'
import { batchHandlers } from './batch-handlers.ts'
import { batchOf, findBatch } from './batch-store.ts'
import { sweepBatches } from './batch-sweep.ts'

const findBatchTag: FindTag = async ({ db, organisationId, named }) => {
  const batchId = BatchId.safeParse(named('batch')).data
  const row = batchId && (await findBatch(db, { organisationId, batchId }))
  return row && batchTag(batchOf(row))
}

const isBatchIn: IsInScope = async ({ db, organisationId, scope }, reference) => {
  const batchId = BatchId.safeParse(reference).data
  const batch = batchId && (await findBatch(db, { organisationId, batchId }))
  return batch !== undefined && isWithin(batch.selector, scope.text)
}

type Handlers = {
  batch: typeof batchHandlers
}

const handlers: Handlers = { batch: batchHandlers }

export const batchNoun = {
  handlers,
  purge: [
    ['batch_jobs', ['batch_id', 'device_id']],
    ['batches', ['id']],
  ],
  entityTags: { batch: findBatchTag },
  inScope: { batch: isBatchIn },
  sweeps: [{ name: 'batches', everyMs: 3_600_000, run: sweepBatches }],
  raises: { batch: ['batches'] },
} satisfies Noun
