/** Triton exporter: a folder of a model repository of the Triton Inference Server. */
import { join } from 'node:path'
import { writeAtomic } from '@skerry/platform/files/atomic-file'
import { nodeFileSystem } from '@skerry/platform/files/file-system'
import { downloadFile } from '../files/download-file.ts'
import type { Exporter } from './exporter.ts'
import { tritonConfig } from './triton-config.ts'

export const exportTriton: Exporter = async ({ name, detail, files, connection }, { place }, session) => {
  const model = join(place, name)
  const version = join(model, String(detail.version))
  for (const file of files) await downloadFile(connection, file, version, session)
  // The server reads a model as soon as it has a configuration, so this comes last.
  const config = join(model, 'config.pbtxt')
  await writeAtomic(nodeFileSystem, config, tritonConfig(name, detail.summary))
  return [...files.map(({ path }) => join(version, path)), config]
}
