import { writeFile } from 'node:fs/promises'
import { Name } from '@skerry/contract/values/names'
import { signingKeyId } from '@skerry/platform/signatures/dsse'
import { signModel } from '@skerry/platform/signatures/model-signature'
import { asIs, command, fits, needed, required, usually, value } from '../../program/command.ts'
import { readText } from '../../program/input-file.ts'
import { hashFiles, nameOfFile } from '../models/files/model-files.ts'
import { SIGNATURE_FILE } from '../models/files/pulled-model.ts'
import { keyIn } from './private-key.ts'

export const signModelFiles = command({
  name: 'signing-key sign',
  summary: 'Sign a model as its publisher, with a private key of your own; needs no hub',
  details:
    'Writes a Sigstore bundle like the Python package model-signing, for "skerry model push --signature". Create an elliptic-curve key with "openssl ecparam -name prime256v1 -genkey -noout | openssl pkcs8 -topk8 -nocrypt". The key stays on this machine.',
  examples: [
    'skerry signing-key sign model.onnx --key vendor.pem',
    'skerry signing-key sign reader.onnx --key vendor.pem -o reader.sig',
  ],
  arguments: { file: required('<file>', 'the ONNX file; weight files beside it are signed, too', asIs) },
  options: {
    key: needed('--key <file>', 'private key, PEM', asIs),
    output: usually('-o, --output <file>', SIGNATURE_FILE, 'file to write the signature to', asIs),
    name: value(
      '--name <name>',
      'name of the model in the signature; from the name of the file by default',
      fits(Name),
    ),
  },
  async run({ file, key, output, name }, session) {
    const pair = keyIn(key, await readText(key))
    // ONNX needs a library that would slow the start of every other command.
    const { readLocalModel } = await import('../models/files/local-model.ts')
    const { files } = await readLocalModel(file)
    using progress = session.progress(
      'hashing',
      files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
    )
    const resources = (await hashFiles(files, progress, session.signal)).map(({ path, digest }) => ({ path, digest }))
    const bundle = signModel({ name: name ?? nameOfFile(file), resources, privateKeyPem: pair.privateKeyPem })
    await writeFile(output, `${JSON.stringify(bundle)}\n`)
    const keyId = signingKeyId(pair.publicKeyPem)
    session.print({
      json: { output, keyId, files: resources },
      text: () => `wrote ${output}, signed by the key ${keyId}`,
    })
  },
})
