import { join } from 'node:path'
import { MODEL_PATH } from '@skerry/contract/kinds/model'
import type { VersionDetail } from '@skerry/contract/models/model'
import { writeAtomic } from '@skerry/platform/files/atomic-file'
import { nodeFileSystem } from '@skerry/platform/files/file-system'
import * as z from 'zod'
import { expectKind } from '../../../kinds/kinds.ts'
import { asIs, command, fits, needed, required, usually } from '../../../program/command.ts'
import { parseModelReference } from '../../../program/values.ts'
import { downloadFile } from '../files/download-file.ts'
import { tritonConfig } from './triton-config.ts'

export const exportModel = command({
  name: 'model export',
  summary: 'Write a version in the layout of another server',
  details:
    'triton writes a model repository of the Triton Inference Server: FOLDER/NAME/config.pbtxt, and FOLDER/NAME/VERSION/model.onnx with its ' +
    'external data. Several versions may be exported into one folder. Golden cases and the signature are not part of it; "skerry model pull" ' +
    'has them. "skerry model import FOLDER/NAME" takes it back.',
  examples: ['skerry model export anomaly:2 --to triton --output /srv/models'],
  arguments: {
    reference: required('<model>', 'NAME, NAME:VERSION or NAME@alias; the latest by default', parseModelReference),
  },
  options: {
    layout: needed('--to <layout>', 'triton', fits(z.enum(['triton']))),
    folder: usually('-o, --output <folder>', '.', 'folder of the repository; created if it is missing', asIs),
  },
  async run({ reference: { name, version = 'latest' }, folder }, session) {
    const { client, connection } = await session.hub()
    const { deployable } = await client.model.get({ name }, { signal: session.signal })
    expectKind(deployable, 'model')
    const detail = modelOf(await client.model.getVersion({ name, version }, { signal: session.signal }))
    const external = detail.summary.externalFiles.map(({ path }) => path)
    const files = detail.files.filter(({ path }) => path === MODEL_PATH || external.includes(path))
    const model = join(folder, name)
    const place = join(model, String(detail.version))
    for (const file of files) await downloadFile(connection, file, place, session)
    // The server reads a model as soon as it has a configuration, so this comes last.
    const config = join(model, 'config.pbtxt')
    await writeAtomic(nodeFileSystem, config, tritonConfig(name, detail.summary))
    const paths = [...files.map(({ path }) => join(place, path)), config]
    session.print({
      json: { name, version: detail.version, digest: detail.digest, files: paths },
      text: () => [`exported ${name}:${detail.version}`, ...paths.map((path) => `  ${path}`)].join('\n'),
    })
  },
})

/** All versions of a name have one kind, which has been checked. */
const modelOf = (detail: VersionDetail) => detail as Extract<VersionDetail, { kind: 'model' }>
