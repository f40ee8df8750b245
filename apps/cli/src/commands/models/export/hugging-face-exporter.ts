/** Hugging Face exporter: a folder in the layout of a repository there, as Optimum writes ONNX files. */
import { join } from 'node:path'
import { writeAtomic } from '@skerry/platform/files/atomic-file'
import { nodeFileSystem } from '@skerry/platform/files/file-system'
import { downloadFile } from '../files/download-file.ts'
import type { Exporter } from './exporter.ts'
import { modelCard } from './model-card.ts'

export const exportHuggingFace: Exporter = async ({ name, detail, files, connection }, { place }, session) => {
  const folder = join(place, name)
  for (const file of files) await downloadFile(connection, file, join(folder, 'onnx'), session)
  const card = join(folder, 'README.md')
  const config = join(folder, 'config.json')
  await writeAtomic(nodeFileSystem, card, modelCard(name, detail))
  await writeAtomic(nodeFileSystem, config, `${JSON.stringify({ _name_or_path: name }, undefined, 2)}\n`)
  return [...files.map(({ path }) => join(folder, 'onnx', path)), card, config]
}
