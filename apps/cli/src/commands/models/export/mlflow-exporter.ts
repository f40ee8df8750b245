/**
 * MLflow exporter: a folder that `mlflow.pyfunc.load_model` reads, with the flavour of ONNX
 * [mlflow.org, MLflow Model format; mlflow.onnx.save_model].
 */
import { join } from 'node:path'
import { writeAtomic } from '@skerry/platform/files/atomic-file'
import { nodeFileSystem } from '@skerry/platform/files/file-system'
import { downloadFile } from '../files/download-file.ts'
import type { Exporter } from './exporter.ts'
import { mlflowDescription, mlflowRequirements } from './mlflow-description.ts'

export const exportMlflow: Exporter = async ({ name, detail, files, connection }, { place }, session) => {
  const folder = join(place, name)
  for (const file of files) await downloadFile(connection, file, folder, session)
  const requirements = join(folder, 'requirements.txt')
  const description = join(folder, 'MLmodel')
  await writeAtomic(nodeFileSystem, requirements, mlflowRequirements)
  await writeAtomic(nodeFileSystem, description, mlflowDescription(detail))
  return [...files.map(({ path }) => join(folder, path)), requirements, description]
}
