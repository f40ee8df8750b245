import type { Candidate } from '@skerry/contract/builds/measurement'
import type { Digest } from '@skerry/contract/values/digest'
import type { DownloadResult } from '@skerry/platform/blobs/blob-download'
import { expect, test } from 'vitest'
import { versionDigest } from '../verifying/version-check.ts'
import { fetchCandidates } from './fetch-candidates.ts'

const digest = (letter: string) => `sha256:${letter.repeat(64)}` as Digest
const { signal } = new AbortController()

function candidate(...letters: string[]): Candidate {
  const files = letters.map((letter) => ({ path: `${letter}.bin`, digest: digest(letter), sizeBytes: 1 }))
  return { digest: versionDigest(files) as Digest, files }
}

function hub(result: DownloadResult = { ok: true, sizeBytes: 1, receivedBytes: 1 }) {
  const done: string[] = []
  const note = async (digests: readonly Digest[]) => void done.push(`note ${digests.length}`)
  const download = async ({ digest: wanted }: { digest: Digest }) => {
    done.push(wanted.slice(7, 8))
    return result
  }
  return { done, deps: { note, download } }
}

test('fetches each file once, after it has noted all of them', async () => {
  const { done, deps } = hub()
  await fetchCandidates(deps, [candidate('a', 'b'), candidate('b', 'c')], signal)
  expect(done).toEqual(['note 3', 'a', 'b', 'c'])
})

test('a file that the hub does not have, and a full disk, fail the job with their own code', async () => {
  const body = { code: 'blob_unknown', message: 'no such file' }
  const gone = { ok: false, code: 'request_refused', message: 'no', retryable: true, status: 404, body } as const
  await expect(fetchCandidates(hub(gone).deps, [candidate('a')], signal)).rejects.toMatchObject({
    code: 'blob_unknown',
    message: 'fetching a.bin: no such file',
  })
  const full = { ok: false, code: 'storage_full', message: 'no room', retryable: true } as const
  await expect(fetchCandidates(hub(full).deps, [candidate('a')], signal)).rejects.toMatchObject({
    code: 'storage_full',
  })
})

test('a candidate whose digest is not that of its files is not fetched', async () => {
  const { done, deps } = hub()
  const forged = { ...candidate('a'), digest: digest('f') }
  await expect(fetchCandidates(deps, [forged], signal)).rejects.toMatchObject({ code: 'version_damaged' })
  const twice = candidate('a')
  const files = [...twice.files, ...twice.files]
  const doubled = { digest: versionDigest(files) as Digest, files }
  await expect(fetchCandidates(deps, [doubled], signal)).rejects.toMatchObject({ code: 'version_damaged' })
  expect(done).toEqual([])
})
