/** Hugging Face source: a folder in the layout of a repository there: config.json, and ONNX files as Optimum writes them. */
import { readdir, stat } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import { refuseEscapes } from '@skerry/platform/imports/hostile'
import type { Imported } from '@skerry/platform/imports/import-host'
import * as z from 'zod'
import { fail } from '../../../program/failure.ts'
import { readText } from '../../../program/input-file.ts'
import { type ImportSource, inPlace } from './import-source.ts'

/** A configuration of a large vocabulary has some megabytes. */
const CONFIG_BYTES_MAX = 8 * 1024 * 1024

const Config = z.object({
  _name_or_path: z.string().max(500).optional(),
  model_type: z.string().max(100).optional(),
  architectures: z.array(z.string().max(200)).max(20).optional(),
})

/** The folders in which Optimum and its users keep ONNX files. */
const FOLDERS = ['onnx', '.']

const WEIGHTS = /\.(safetensors|bin|pt|pth|ckpt|h5|msgpack|pkl|joblib)$/i

export const huggingFaceSource: ImportSource = {
  name: 'Hugging Face',
  recognises: async (place) => (await stat(join(place, 'config.json')).catch(() => undefined))?.isFile() === true,
  async open(place, { file }): Promise<Imported> {
    const path = join(place, 'config.json')
    const { size } = await stat(path)
    if (size > CONFIG_BYTES_MAX) throw fail('import_refused', `${path} has ${size} bytes, which no configuration has`)
    const config = readConfig(path, await readText(path))
    const modelPath = join(place, file ?? (await chooseFile(place)))
    await refuseEscapes(place, [modelPath])
    const kind = config.architectures?.[0] ?? config.model_type
    return {
      ...inPlace,
      modelPath,
      name: basename(config._name_or_path ?? '') || basename(resolve(place)),
      notes: ['a folder in the layout of Hugging Face', config._name_or_path, kind]
        .filter((part) => part !== undefined && part !== '')
        .join(', '),
      uri: undefined,
      labels: { 'imported-from': 'hugging-face', ...(config.model_type && { 'model-type': config.model_type }) },
      remarks: ['the tokenizer and the other files of the folder are not taken: the caller prepares the tensors'],
    }
  },
}

function readConfig(path: string, text: string): z.infer<typeof Config> {
  try {
    return Config.parse(JSON.parse(text))
  } catch {
    throw fail('file_invalid', `${path} is no configuration in JSON`)
  }
}

/** The one ONNX file, or the one with the usual name. Other weights need an export, because opening them runs code. */
async function chooseFile(place: string): Promise<string> {
  const names: string[] = []
  for (const folder of FOLDERS) {
    const found = await readdir(join(place, folder)).catch(() => [])
    names.push(...found.filter((name) => name.endsWith('.onnx')).map((name) => join(folder, name)))
    const usual = names.find((name) => basename(name) === 'model.onnx')
    if (usual !== undefined) return usual
  }
  const [only, second] = names
  if (only !== undefined && second === undefined) return only
  if (only !== undefined)
    throw fail('import_refused', `${place} has several ONNX files: ${names.join(', ')}`, {
      next: 'name one with --file',
    })
  const weights = (await readdir(place)).filter((name) => WEIGHTS.test(name))
  const has = weights.length > 0 ? `it has ${weights.join(', ')}` : 'it has no weights'
  throw fail('import_refused', `${place} has no ONNX file; ${has}`, {
    next: 'export it with "optimum-cli export onnx --model FOLDER OUT", and import OUT',
  })
}
