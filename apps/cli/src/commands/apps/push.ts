import { Readable } from 'node:stream'
import type { SkerryClient } from '@skerry/client/client'
import type { Connection } from '@skerry/client/connection'
import { problemOf } from '@skerry/client/problem'
import { uploadBlob } from '@skerry/client/upload-blob'
import { blobPath } from '@skerry/contract/apps/app'
import type { Digest } from '@skerry/contract/values/digest'
import { Name } from '@skerry/contract/values/names'
import { backoffMs } from '@skerry/core/values/backoff'
import { digestOf, digestOfStream } from '@skerry/platform/files/hash'
import { asIs, command, fits, list, required, usually } from '../../program/command.ts'
import { fail } from '../../program/failure.ts'
import type { Session } from '../../program/session.ts'
import { parseLabel } from '../../program/values.ts'
import { lineageOf, lineageOptions } from '../models/lineage-options.ts'
import { pushedText } from '../models/pushed/pushed-text.ts'
import type { ArchivedBlob, ArchivedImage } from './archives/image-archive.ts'
import { openImageSources, sourceOptions } from './archives/image-sources.ts'
import { COMPOSE_FILE, composeOptions } from './compose-file.ts'
import { packagesOf } from './image-packages.ts'
import { readApp, releaseOf } from './release-files.ts'

/** The same waits as for the files of models. */
const RETRY = { baseMs: 500, maxMs: 30_000 }

export const pushApp = command({
  name: 'app push',
  summary: 'Push a Compose file and its images as a new release of an app; a repetition changes nothing',
  details:
    'The images come from archives of "docker save", "podman save" or skopeo, from the registry of the hub, from the container engine of this machine (engine://NAME:TAG), or ' +
    'from another registry (oci://HOST/NAME:TAG). This machine alone signs in there; the hub and the devices never learn the password. Every image is fixed to its digest, and devices get the ' +
    'images from the hub: they need no registry. The packages in the layers are compared with imported advisories. A file config.schema.json beside the Compose file has the settings that a deployment can ' +
    'choose. "skerry deploy" rolls out an app in the same way as a model.',
  examples: [
    'skerry app push dashboard --image dashboard.tar',
    'skerry app push dashboard --image hub://plant/dashboard:1',
    'skerry app push dashboard --image engine://dashboard:1',
    'skerry app push dashboard --image web:1=oci://registry.example/plant/web:1 --token-file login.txt',
    'skerry app push dashboard --compose dashboard/compose.yaml --image web=web.tar --image db=postgres.tar --alias stable',
  ],
  arguments: { name: required('<name>', 'name of the app', fits(Name)) },
  options: {
    file: usually('--compose <file>', COMPOSE_FILE, 'the Compose file', asIs),
    ...composeOptions,
    ...sourceOptions,
    aliases: list('--alias <alias>', 'alias to set to the release', (text) => fits(Name)(text.replace(/^@/, ''))),
    labels: list('--label <key=value>', 'label of the release', parseLabel),
    ...lineageOptions,
  },
  async run({ name, aliases, labels, ...input }, session) {
    const composed = await readApp(input)
    await using sources = await openImageSources(input, session)
    const { texts, blobs, images } = await releaseOf({ ...input, read: sources.read }, composed, session.signal)
    const sent = blobs.filter(({ isStored }) => !isStored)
    await verifyBlobs(sent, session)
    const { client, connection } = await session.hub()
    const files: { path: string; digest: Digest }[] = []
    for (const blob of [...[...texts].map(textBlob), ...sent]) await upload(connection, blob, session)
    for (const [path, text] of texts) files.push({ path, digest: digestOf(text) })
    for (const { digest } of blobs) files.push({ path: blobPath(digest), digest })
    const reply = await client.model.push(
      { name, files, ...lineageOf(input), labels: Object.fromEntries(labels), aliases },
      { signal: session.signal },
    )
    await tellParts(client, { name, version: String(reply.version.version) }, images, session.signal)
    await sources.forget()
    session.print({ json: reply, text: () => pushedText(reply, WORDS, session.style) })
  },
})

const WORDS = { same: 'has the same files already', golden: 'golden case' }

/** The packages of the images, by which the hub finds vulnerabilities. A hub of an earlier version takes none. */
async function tellParts(
  client: SkerryClient,
  version: { name: string; version: string },
  images: readonly ArchivedImage[],
  signal: AbortSignal,
): Promise<void> {
  const bom = await packagesOf(images)
  if (!bom) return
  await client.vulnerability.setParts({ ...version, bom }, { signal }).catch((error: unknown) => {
    if (problemOf(error).code !== 'route_unknown') throw error
  })
}

/** An archive names its blobs by their digests. Only the bytes prove them. */
async function verifyBlobs(blobs: readonly ArchivedBlob[], session: Session): Promise<void> {
  const total = blobs.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)
  using progress = session.progress('checking images', total)
  let doneBytes = 0
  for (const blob of blobs) {
    const { digest } = await digestOfStream(blob.read(0), session.signal)
    if (digest !== blob.digest)
      throw fail('file_invalid', `${blob.place} has other bytes than its digest says; save it again`)
    doneBytes += blob.sizeBytes
    progress.at(doneBytes)
  }
}

function textBlob([path, text]: readonly [string, string]): ArchivedBlob {
  const bytes = Buffer.from(text)
  const read = async function* (start: number) {
    yield bytes.subarray(start)
  }
  return { digest: digestOf(bytes), sizeBytes: bytes.length, read, place: path }
}

async function upload(connection: Connection, blob: ArchivedBlob, session: Session): Promise<void> {
  const { digest, sizeBytes, place } = blob
  using progress = session.progress(`uploading ${place}`, sizeBytes)
  const source = (start: number) => Readable.from(blob.read(start))
  const delayMs = (attempt: number) => backoffMs(attempt, RETRY, session.io.random())
  await uploadBlob(connection, { digest, sizeBytes, source, onProgress: progress.at, delayMs }, session.signal)
}
