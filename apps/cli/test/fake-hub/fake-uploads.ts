/** Fake uploads: blobs in memory, one PATCH after another, with connections that break where the test wants it. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Upload } from '@skerry/contract/models/model'
import { UploadId } from '@skerry/contract/values/ids'
import { digestOf } from '@skerry/platform/files/hash'

export type FakeUploads = {
  blobs: Map<string, Buffer>
  /** Every call that changed something, in order. */
  calls: string[]
  /** So many of the next PATCHes end in the middle. */
  cuts: number
}

/** One blob after another: the id of the upload is that of its bytes. */
export function uploadOf({ blobs }: FakeUploads, digest: Upload['digest'], sizeBytes: number): Upload {
  const held = blobs.get(digest) ?? Buffer.alloc(0)
  blobs.set(digest, held)
  const index = [...blobs.keys()].indexOf(digest)
  const id = UploadId.parse(`upl_${'abcdefgh'.repeat(2)}${'abcdefghijklmnop'[index] ?? 'z'}`)
  return {
    id,
    digest,
    sizeBytes,
    offsetBytes: held.length,
    done: held.length === sizeBytes && digestOf(held) === digest,
  }
}

/** Takes the bytes of one PATCH. */
export async function patch(state: FakeUploads, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? '/', 'https://localhost')
  const index = 'abcdefghijklmnop'.indexOf(url.pathname.at(-1) ?? '')
  const digest = [...state.blobs.keys()][index] as Upload['digest']
  const held = state.blobs.get(digest) ?? Buffer.alloc(0)
  const isCut = state.cuts > 0
  const chunks: Buffer[] = []
  for await (const chunk of request) {
    chunks.push(chunk as Buffer)
    if (isCut) break
  }
  state.blobs.set(digest, Buffer.concat([held, ...chunks]))
  if (isCut) {
    state.cuts -= 1
    response.destroy()
    return
  }
  state.calls.push(`upload.patch ${held.length}`)
  const size = state.blobs.get(digest)?.length ?? 0
  response.setHeader('content-type', 'application/json').end(JSON.stringify(uploadOf(state, digest, size)))
}
