import { join } from 'node:path'
import { writeAtomic } from '@skerry/platform/files/atomic-file'
import { nodeFileSystem } from '@skerry/platform/files/file-system'
import { asIs, command, required, usually } from '../../program/command.ts'
import { parseModelReference } from '../../program/values.ts'
import { downloadFile } from './files/download-file.ts'
import { SIGNATURE_FILE } from './files/pulled-model.ts'

export const pullModel = command({
  name: 'model pull',
  summary: 'Download the files of a version, and its signature, to a folder',
  details:
    'The signature is model.sig, which the Python package model-signing verifies too: "model_signing verify key".',
  examples: ['skerry model pull anomaly:2 --output ./anomaly', 'skerry model pull anomaly@champion -o ./champion'],
  arguments: {
    reference: required('<model>', 'NAME, NAME:VERSION or NAME@alias; the latest by default', parseModelReference),
  },
  options: { folder: usually('-o, --output <folder>', '.', 'folder to write to; created if it is missing', asIs) },
  async run({ reference: { name, version = 'latest' }, folder }, session) {
    const { client, connection } = await session.hub()
    const detail = await client.model.getVersion({ name, version }, { signal: session.signal })
    for (const file of detail.files) await downloadFile(connection, file, folder, session)
    const bundle = join(folder, SIGNATURE_FILE)
    await writeAtomic(nodeFileSystem, bundle, `${JSON.stringify(detail.bundle)}\n`)
    const paths = [...detail.files.map(({ path }) => join(folder, path)), bundle]
    session.print({
      json: { name, version: detail.version, digest: detail.digest, files: paths },
      text: () => [`pulled ${name}:${detail.version}`, ...paths.map((path) => `  ${path}`)].join('\n'),
    })
  },
})
