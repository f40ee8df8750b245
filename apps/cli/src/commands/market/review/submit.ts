import type { Connection } from '@skerry/client/connection'
import { uploadBlob } from '@skerry/client/upload-blob'
import type { Digest } from '@skerry/contract/values/digest'
import { Name } from '@skerry/contract/values/names'
import { backoffMs } from '@skerry/core/values/backoff'
import { canonicalJson } from '@skerry/core/values/canonical-json'
import { digestOf } from '@skerry/platform/files/hash'
import { signSubmission } from '@skerry/platform/signatures/submission-signature'
import { asIs, command, fits, needed, required } from '../../../program/command.ts'
import type { Session } from '../../../program/session.ts'
import { INSTALLATION } from '../evidence/observe-installation.ts'
import { ADVISORIES } from '../evidence/read-advisories.ts'
import { buildListing } from '../publish/build-listing.ts'
import { readPublisherKey } from '../publish/catalogue-writer.ts'
import { certify, gatherEvidence, requireLevel } from '../publish/certify-folder.ts'
import { LEVEL, PUBLISHER_KEY } from '../publish/publish-options.ts'
import { submissionText } from './review-view.ts'

/** As for the files of a model. */
const RETRY = { baseMs: 500, maxMs: 30_000 }

export const submitListing = command({
  name: 'market submit',
  summary: 'Certify and sign a version of a listing, and send it to the reviewers of a hub',
  details:
    'The hub repeats the checks of level 1 on the files that it got, and takes only a version that a trusted key signed. A reviewer, who is ' +
    'another person, then accepts it into the catalogue, or rejects it with a reason. "skerry market review show" shows the state and the comments.',
  examples: ['skerry market submit level-watch --catalogue plant --key publisher.pem --level 2'],
  arguments: { folder: required('<folder>', 'folder with listing.yaml', asIs) },
  options: {
    catalogue: needed('--catalogue <name>', 'catalogue of the hub, into which it should be published', fits(Name)),
    key: PUBLISHER_KEY,
    level: LEVEL,
    osv: ADVISORIES,
    installation: INSTALLATION,
  },
  async run({ folder, catalogue, key, level, osv, installation }, session) {
    const keyPem = await readPublisherKey(key)
    const built = await buildListing(folder, session)
    const next = `nothing was sent; run "skerry market certify ${folder} --level ${level}", and correct its findings`
    const evidence = await gatherEvidence({ level, osv, installation }, session)
    const certificate = requireLevel(await certify(built, evidence, session.signal), level, next)
    const { client, connection } = await session.hub()
    const { listing, text, digest } = built
    const proof = Buffer.from(canonicalJson(certificate))
    for (const { digest: file, sizeBytes } of built.blobs.values())
      await send(connection, { digest: file, sizeBytes, read: () => built.contentOf(file) }, session)
    const document = await sendBytes(connection, Buffer.from(text), session)
    const reference = await sendBytes(connection, proof, session)
    const envelope = signSubmission(
      {
        v: 1,
        catalogue,
        listing: { name: listing.name, version: listing.version, digest, sizeBytes: document.sizeBytes },
        certificate: { ...reference, level: certificate.level },
      },
      keyPem,
    )
    const submission = await client.submission.create({ envelope }, { signal: session.signal })
    session.print({ json: submission, text: () => submissionText(submission, session.style) })
  },
})

type Sent = { digest: Digest; sizeBytes: number; read: () => AsyncIterable<Uint8Array> }

async function sendBytes(connection: Connection, bytes: Uint8Array, session: Session) {
  const file = { digest: digestOf(bytes), sizeBytes: bytes.length }
  const read = async function* () {
    yield bytes
  }
  await send(connection, { ...file, read }, session)
  return file
}

async function send(connection: Connection, { digest, sizeBytes, read }: Sent, { io, signal }: Session): Promise<void> {
  const source = (start: number) => from(read(), start)
  const delayMs = (attempt: number) => backoffMs(attempt, RETRY, io.random())
  await uploadBlob(connection, { digest, sizeBytes, source, delayMs }, signal)
}

/** The bytes from an offset on, of a source that can only be read from its beginning. */
async function* from(bytes: AsyncIterable<Uint8Array>, startBytes: number): AsyncGenerator<Uint8Array> {
  let skipBytes = startBytes
  for await (const chunk of bytes) {
    if (skipBytes < chunk.length) yield chunk.subarray(skipBytes)
    skipBytes = Math.max(0, skipBytes - chunk.length)
  }
}
