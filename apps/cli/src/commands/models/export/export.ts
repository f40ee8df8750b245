import { MODEL_PATH } from '@skerry/contract/kinds/model'
import type { VersionDetail } from '@skerry/contract/models/model'
import * as z from 'zod'
import { expectKind } from '../../../kinds/kinds.ts'
import { asIs, command, fits, needed, required, usually, value } from '../../../program/command.ts'
import { readText } from '../../../program/input-file.ts'
import { parseModelReference } from '../../../program/values.ts'
import { exporters, LAYOUTS } from './exporters.ts'

export const exportModel = command({
  name: 'model export',
  summary: 'Write a version in the layout of another system',
  details:
    'triton writes a model repository of the Triton Inference Server: FOLDER/NAME/config.pbtxt, and FOLDER/NAME/VERSION/model.onnx with its ' +
    'external data. Several versions may be exported into one folder. hugging-face writes FOLDER/NAME with onnx/model.onnx, config.json and a ' +
    'model card. mlflow writes FOLDER/NAME with MLmodel, for "mlflow models serve" and mlflow.pyfunc. oci pushes an artefact of ModelPack to the ' +
    'registry of --output, which "oras pull" and "kit unpack" read; it prints the address with the digest. Golden cases and the signature are ' +
    'not part of it; "skerry model pull" has them. "skerry model import" takes each of them back.',
  examples: [
    'skerry model export anomaly:2 --to triton --output /srv/models',
    'skerry model export anomaly@champion --to hugging-face',
    'skerry model export anomaly:2 --to oci --output oci://registry.example/plant/anomaly:2 --token-file login.txt',
  ],
  arguments: {
    reference: required('<model>', 'NAME, NAME:VERSION or NAME@alias; the latest by default', parseModelReference),
  },
  options: {
    layout: needed('--to <layout>', LAYOUTS.join(', '), fits(z.enum(LAYOUTS))),
    place: usually('-o, --output <place>', '.', 'folder, created if it is missing; for oci the address', asIs),
    token: value('--token-file <file>', 'file with USER:PASSWORD of the registry', asIs),
    authority: value('--ca <file>', 'certificate of an authority that the registry uses, PEM', asIs),
  },
  async run({ reference: { name, version = 'latest' }, layout, place, token, authority }, session) {
    const { client, connection } = await session.hub()
    const { deployable } = await client.model.get({ name }, { signal: session.signal })
    expectKind(deployable, 'model')
    const detail = modelOf(await client.model.getVersion({ name, version }, { signal: session.signal }))
    const external = detail.summary.externalFiles.map(({ path }) => path)
    const files = detail.files.filter(({ path }) => path === MODEL_PATH || external.includes(path))
    const target = {
      place,
      token: token === undefined ? undefined : (await readText(token)).trim(),
      authorities: authority === undefined ? undefined : await readText(authority),
    }
    const paths = await exporters[layout]({ name, detail, files, connection }, target, session)
    session.print({
      json: { name, version: detail.version, digest: detail.digest, files: paths },
      text: () => [`exported ${name}:${detail.version}`, ...paths.map((path) => `  ${path}`)].join('\n'),
    })
  },
})

/** All versions of a name have one kind, which has been checked. */
const modelOf = (detail: VersionDetail) => detail as Extract<VersionDetail, { kind: 'model' }>
