/**
 * Load refusal: why the runtime rejects a model, or a run of it, for the person who pushed it. The runtime writes its own source files, its own
 * functions and the path of the model into its messages; a reader wants the node, the operator and the type.
 */
import { readFileSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** A larger model is not read again only to name a node: the sandbox has 2 GB for everything. */
const READ_BYTES_MAX = 256 * 1024 * 1024

/** As long as a device's report of a cause may be. */
const MESSAGE_MAX = 1_000

/** The patterns take the square of a text's length, and a stranger's model chooses it: the runtime's own part is within the first 8 KiB. */
const TEXT_MAX = 8_192

const KERNEL =
  /Could not find an implementation for (?<operator>[\w.:]+)\((?<opset>\d+)\) node with name '(?<name>.*)'/s

/** `model` is what was to be loaded: a path, or the bytes. */
export async function loadRefusal(told: string, model: string | Uint8Array): Promise<string> {
  const message = told.slice(0, TEXT_MAX)
  const why = (await kernelRefusal(message, model)) ?? withoutNoise(withoutPaths(message, model))
  return printable(`onnxruntime cannot load the model: ${why}`)
}

/** The same of a run: what the runtime says about inputs that do not fit, or about a node that fails. */
export const runFailure = (message: string): string => printable(withoutNoise(message.slice(0, TEXT_MAX)))

/** Names of nodes come from a stranger's file, and terminals obey control characters. */
const printable = (text: string) =>
  text
    .replaceAll(/\p{C}+/gu, ' ')
    .trim()
    .slice(0, MESSAGE_MAX)

async function kernelRefusal(message: string, model: string | Uint8Array): Promise<string | undefined> {
  const { operator, opset, name } = KERNEL.exec(message)?.groups ?? {}
  if (operator === undefined || name === undefined) return undefined
  if (typeof model === 'string' && statSync(model).size > READ_BYTES_MAX) return undefined
  // Only a model that is rejected needs this code.
  const [{ readModel }, { describeMissingKernel }] = await Promise.all([
    import('@skerry/onnx/read'),
    import('@skerry/onnx/missing-kernel'),
  ])
  const read = readModel(typeof model === 'string' ? readFileSync(model) : model)
  return read.ok ? describeMissingKernel(read.value, { operator, opset: Number(opset), name }) : undefined
}

/** Each pattern takes out something that only the runtime's own developers read. */
const NOISE: readonly [RegExp, string][] = [
  // A file and line of the runtime, the function that stands there, and its status.
  [/\S+\.(?:cc|cpp|h):\d+ (?:[^()]*\w\([^()]*\)(?: const)?(?: \[with [^\]]*\])? |\w+ )/g, ''],
  [/\[ONNXRuntimeError\] : \d+ : \w+ : /g, ''],
  [/^Exception during initialization: /g, ''],
  [/(?:This is an invalid model|Invalid model)\.? (?:Error: )?/g, ''],
  [/In Node, \("([^"]+)", (\w+), .*? , Error /g, 'node "$1" ($2): '],
  [/In Node, \("", (\w+), .*? -> \("([^"]*)".*? , Error /g, 'node "$2" ($1): '],
  [/Could not find an implementation for/g, 'the runtime computes the types here in no kernel of'],
]

function withoutNoise(message: string): string {
  let plain = message
  for (const [pattern, instead] of NOISE) plain = plain.replaceAll(pattern, instead)
  return plain
}

function withoutPaths(message: string, model: string | Uint8Array): string {
  if (typeof model !== 'string') return message
  return message.replaceAll(`Load model from ${model} failed:`, '').replaceAll(join(dirname(model), '/'), '')
}
