/** OCI exporter: a version as an artefact of ModelPack in a registry. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pushArtefact } from '@skerry/platform/imports/push-artefact'
import { wrongUsage } from '../../../program/failure.ts'
import { downloadFile } from '../files/download-file.ts'
import { sessionHost, tellProblems } from '../import/session-host.ts'
import type { Exporter } from './exporter.ts'

export const exportOci: Exporter = async ({ name, detail, files, connection }, target, session) => {
  if (!/^oci:\/\//i.test(target.place))
    throw wrongUsage(
      `${target.place} is no address of a registry`,
      'write --output oci://HOST/REPOSITORY:TAG, such as oci://registry.example/plant/anomaly:2',
    )
  const folder = await mkdtemp(join(tmpdir(), 'skerry-export-'))
  try {
    // Only bytes with the digest of the version are sent.
    for (const file of files) await downloadFile(connection, file, folder, session)
    const artefact = {
      name,
      version: String(detail.version),
      createdAtMs: detail.createdAtMs,
      files: files.map((file) => ({ ...file, localPath: join(folder, file.path) })),
      annotations: {
        'org.opencontainers.image.title': name,
        'org.opencontainers.image.version': String(detail.version),
        'org.opencontainers.image.created': new Date(detail.createdAtMs).toISOString(),
      },
    }
    const digest = await tellProblems(() => pushArtefact(target.place, artefact, target, sessionHost(session)))
    return [`${target.place.replace(/:[\w.-]+$/, '')}@${digest}`]
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
