/** Uploads that are under way. */
import { uploadTag } from '@skerry/contract/values/entity-tag'
import { UploadId } from '@skerry/contract/values/ids'
import type { FindTag, Noun } from '../nouns/noun.ts'
import { uploadHandlers } from './upload-handlers.ts'
import { findUpload } from './upload-store.ts'
import { sweepUploads } from './upload-sweep.ts'

const findUploadTag: FindTag = async ({ hub, db, organisationId, named }) => {
  const id = UploadId.safeParse(named('upload')).data
  const row = id && (await findUpload(db, { organisationId, id, nowMs: hub.clock.nowMs() }))
  return row && uploadTag(row)
}

type Handlers = {
  upload: typeof uploadHandlers
}

const handlers: Handlers = { upload: uploadHandlers }

export const uploadNoun = {
  handlers,
  purge: [['uploads', ['id']]],
  entityTags: { upload: findUploadTag },
  sweeps: [{ name: 'uploads', everyMs: 60_000, run: sweepUploads }],
} satisfies Noun
