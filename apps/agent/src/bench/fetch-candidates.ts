/** Fetch candidates: brings the missing files of candidates to the disk, as for a version. */
import type { Candidate } from '@skerry/contract/builds/measurement'
import type { ModelFile } from '@skerry/contract/models/model'
import type { Digest } from '@skerry/contract/values/digest'
import type { DownloadResult } from '@skerry/platform/blobs/blob-download'
import { reasonIn } from '../hub/hub-reason.ts'
import { JobProblem } from '../jobs/job-problem.ts'
import { versionDigest } from '../verifying/version-check.ts'

export type FetchDeps = {
  /** Notes the files that are to be removed afterwards. */
  note(digests: readonly Digest[]): Promise<void>
  download(file: Pick<ModelFile, 'digest' | 'sizeBytes'>, signal: AbortSignal): Promise<DownloadResult>
}

/** Fetches the missing files. Throws a JobProblem if one cannot be fetched. */
export async function fetchCandidates(
  { note, download }: FetchDeps,
  candidates: readonly Candidate[],
  signal: AbortSignal,
): Promise<void> {
  for (const { digest, files } of candidates) {
    const paths = new Set(files.map(({ path }) => path))
    if (versionDigest(files) !== digest || paths.size < files.length)
      throw new JobProblem({ code: 'version_damaged', message: 'the digest of a candidate does not match its files' })
  }
  const files = new Map(candidates.flatMap((candidate) => candidate.files.map((file) => [file.digest, file] as const)))
  await note([...files.keys()])
  for (const { digest, sizeBytes, path } of files.values()) {
    const result = await download({ digest, sizeBytes }, signal)
    if (!result.ok) {
      const { code, message } = { ...result, ...reasonIn(result.body) }
      throw new JobProblem({ code, message: `fetching ${path}: ${message}` })
    }
  }
}
