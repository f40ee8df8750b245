import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Connection, requestBytes } from '@skerry/client/connection'
import type { SubmissionDetail } from '@skerry/contract/market/submission'
import type { Digest } from '@skerry/contract/values/digest'
import { SubmissionId } from '@skerry/contract/values/ids'
import { compareCertificates } from '@skerry/core/market/certify-listing'
import { listingFiles } from '@skerry/core/market/listing-files'
import { storeCatalogueBlob } from '@skerry/platform/market/catalogue-folder'
import { command, fits, required } from '../../../program/command.ts'
import { exitCodes, Failure, fail } from '../../../program/failure.ts'
import { ADVISORIES } from '../evidence/read-advisories.ts'
import { certify, gatherEvidence, statementsText } from '../publish/certify-folder.ts'
import { readPublished } from '../publish/published-listing.ts'

export const checkSubmission = command({
  name: 'market review check',
  summary: 'Run the checks of a submission again on this machine, and compare them with its certificate',
  details:
    'The command downloads the files of a pending submission into a temporary folder. A certificate of level 2 is repeated by running the listing ' +
    'in processes without a network. Exit code 1 means that a statement of the certificate does not hold.',
  examples: ['skerry market review check sub_abcdefgh234567'],
  arguments: { submission: required('<submission>', 'id, as "skerry market review ls" shows it', fits(SubmissionId)) },
  options: { osv: ADVISORIES },
  async run({ submission, osv }, session) {
    const { client, connection } = await session.hub()
    const { signal, style } = session
    const detail = await client.submission.get({ submission }, { signal })
    const folder = await mkdtemp(join(tmpdir(), 'skerry-review-'))
    try {
      await download(connection, folder, detail, signal)
      const published = await readPublished(folder, detail.entry, signal)
      const level = detail.submission.level === 1 ? 1 : 2
      const evidence = await gatherEvidence({ level, osv, installation: undefined }, session)
      const repeated = await certify({ ...published, digest: detail.entry.digest }, evidence, signal)
      const differences = compareCertificates(detail.certificate, repeated)
      const { listing: name, version } = detail.submission
      session.print({
        json: { submission, statements: repeated.statements, differences },
        text: () => `${name}@${version} ${detail.entry.digest}\n\n${statementsText(repeated.statements, style)}`,
      })
      if (differences.length > 0) throw refused(differences)
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  },
})

const refused = (differences: readonly { check: string; message: string }[]) =>
  new Failure({
    code: 'certificate_refused',
    message: differences.map((one) => `${one.check}: ${one.message}`).join('\n'),
    next: 'reject the submission; its publisher reads the reason',
    exitCode: exitCodes.failed,
  })

/** The files have the form of a catalogue, each verified by its digest. */
async function download(connection: Connection, folder: string, detail: SubmissionDetail, signal: AbortSignal) {
  const { listing, entry } = detail
  const wanted: { digest: Digest; sizeBytes: number }[] = [
    entry,
    ...(entry.certificate ? [entry.certificate] : []),
    ...listingFiles(listing),
  ]
  for (const { digest, sizeBytes } of wanted) {
    const request = { route: 'downloadBlob', parameters: { digest } } as const
    const { body } = await requestBytes(connection, request, signal)
    const stored = body && (await storeCatalogueBlob(folder, { digest, maxBytes: sizeBytes }, body))
    if (!stored?.ok) throw fail('file_invalid', `the hub sent other bytes for the file ${digest}`)
  }
}
