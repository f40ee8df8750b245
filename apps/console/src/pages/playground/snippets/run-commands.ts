/** Run commands: the same request as a person would type it into a shell. Pure. */
import { stringifyExact } from '@skerry/client/inference'
import { writtenElements } from '@skerry/client/named-tensor'
import type { NamedTensor } from '@skerry/contract/models/infer'
import { nestElements } from '@skerry/core/tensors/nested-tensor'

export type Run = { hub: string; device: string; model: string; version: number; inputs: readonly NamedTensor[] }

/** Shells and people tolerate this many characters on a line. Longer input goes into a file. */
const LINE_CHARACTERS_MAX = 4_000

/** `skerry infer`, with long inputs in a file; undefined if JSON cannot represent them. */
export function inferCommand({
  device,
  model,
  version,
  inputs,
}: Run): { command: string; isInFile: boolean } | undefined {
  const values = inputs.map(valuesOf)
  if (!values.every((given) => given !== undefined)) return undefined
  const begin = `skerry infer ${model} --device ${device} --version ${version}`
  const given = inputs
    .map(({ name }, index) => ` --input ${quoted(`${name}=${stringifyExact(values[index])}`)}`)
    .join('')
  const isInFile = given.length > LINE_CHARACTERS_MAX || inputs.some(({ name }) => /[=/]/.test(name))
  return { command: `${begin}${isInFile ? ` --input ${INPUTS_FILE}` : given}`, isInFile }
}

export const INPUTS_FILE = 'inputs.json'

/** The content of the file: a request of the Open Inference Protocol, which the hub accepts as well. */
export function inputsFile({ version, inputs }: Run): string {
  const tensors = inputs.map((input) => ({ ...input, data: flatOf(input) ?? input.data }))
  return stringifyExact({ version, inputs: tensors })
}

/** The same with curl. Large tensors stay in base64, which is shorter. */
export function curlCommand(run: Run): { command: string; isInFile: boolean } {
  const body = inputsFile(run)
  const isInFile = isLong(body)
  const command = [
    'curl --cacert ca.pem -X POST',
    `'${run.hub}/v1/devices/${run.device}/models/${run.model}/infer'`,
    '-H "authorization: Bearer $SKERRY_KEY"',
    "-H 'content-type: application/json'",
    `-d ${isInFile ? `@${INPUTS_FILE}` : quoted(body)}`,
  ].join(' \\\n  ')
  return { command, isInFile }
}

/** Whether a text does not belong into a command or a program. */
export const isLong = (text: string): boolean => text.length > LINE_CHARACTERS_MAX

/** The elements of an input that JSON expresses exactly; undefined if it cannot. */
export const flatOf = (input: NamedTensor): unknown[] | undefined => {
  if (input.datatype === 'FP16' || input.datatype === 'BF16') return undefined
  const elements = writtenElements(input)
  const isPlain = elements?.every((element) => typeof element !== 'number' || Number.isFinite(element))
  // The hub parses JSON in the usual way, which would round a larger integer.
  const isSafe = elements?.every((element) => typeof element !== 'bigint' || Number.isSafeInteger(Number(element)))
  return isPlain && isSafe ? elements : undefined
}

function valuesOf(input: NamedTensor): unknown {
  const flat = flatOf(input)
  return flat && nestElements(flat, input.shape)
}

/** [POSIX shell, 2.2.2] Inside single quotes only a single quote has a meaning. */
export const quoted = (text: string) => `'${text.replaceAll("'", String.raw`'\''`)}'`
