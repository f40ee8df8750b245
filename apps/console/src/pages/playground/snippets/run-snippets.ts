/**
 * Run snippets: a request to the model as a program, through the hub or to the Open Inference Protocol on the device.
 * Each runs as it stands, with nothing but the language's own library. Pure.
 */
import type { NamedTensor } from '@skerry/contract/models/infer'
import { curlCommand, flatOf, INPUTS_FILE, inferCommand, inputsFile, isLong, quoted, type Run } from './run-commands.ts'

export const TARGETS = ['hub', 'device'] as const
export type Target = (typeof TARGETS)[number]

export const LANGUAGES = ['cli', 'curl', 'python', 'node'] as const
export type Language = (typeof LANGUAGES)[number]

/** The command of the CLI goes through the hub. */
export const languagesOf = (target: Target): readonly Language[] =>
  target === 'hub' ? LANGUAGES : LANGUAGES.filter((language) => language !== 'cli')

/** The address at which an agent answers if nobody changed it. */
const USUAL_REST = 'http://127.0.0.1:8500'

export type SnippetRun = Run & {
  /** The address of the device's own server, as it reports it. */
  rest: string | undefined
}

export type Snippet = { text: string; isInFile: boolean }

/** The snippet. Undefined if JSON cannot express the inputs, and the target or the language takes only JSON. */
export function snippetOf(run: SnippetRun, target: Target, language: Language): Snippet | undefined {
  if (language === 'cli') return fromCommand(inferCommand(run))
  if (target === 'device' && !isPlain(run.inputs)) return undefined
  if (language === 'curl') return target === 'hub' ? fromCommand(curlCommand(run)) : deviceCurl(run)
  const body = inputsFile(run)
  const isInFile = isLong(body)
  const text = { python: pythonText, node: nodeText }[language]({ target, url: urlOf(run, target), body, isInFile })
  return { text, isInFile }
}

/** The address of the device's server. */
export const restOf = ({ rest = USUAL_REST }: SnippetRun): string => rest.replace(/\/$/, '')

const fromCommand = (given: { command: string; isInFile: boolean } | undefined): Snippet | undefined =>
  given && { text: given.command, isInFile: given.isInFile }

const isPlain = (inputs: readonly NamedTensor[]) => inputs.every((input) => flatOf(input) !== undefined)

function urlOf(run: SnippetRun, target: Target): string {
  const { hub, device, model, version } = run
  return target === 'hub'
    ? `${hub}/v1/devices/${device}/models/${model}/infer`
    : `${restOf(run)}/v2/models/${model}/versions/${version}/infer`
}

/** [Open Inference Protocol V2, inference request] The version is in the path. The server ignores the one in the body. */
function deviceCurl(run: SnippetRun): Snippet {
  const body = inputsFile(run)
  const isInFile = isLong(body)
  const text = [
    `curl -X POST '${urlOf(run, 'device')}'`,
    "-H 'content-type: application/json'",
    `-d ${isInFile ? `@${INPUTS_FILE}` : quoted(body)}`,
  ].join(' \\\n  ')
  return { text, isInFile }
}

type Program = { target: Target; url: string; body: string; isInFile: boolean }

function pythonText({ target, url, body, isInFile }: Program): string {
  const isHub = target === 'hub'
  return [
    `import json${isHub ? ', os, ssl' : ''}`,
    'import urllib.request',
    '',
    isInFile ? `body = json.load(open("${INPUTS_FILE}"))` : `body = ${pythonLiteral(JSON.parse(body))}`,
    'request = urllib.request.Request(',
    `    ${JSON.stringify(url)},`,
    '    data=json.dumps(body).encode(),',
    '    headers={',
    '        "content-type": "application/json",',
    ...(isHub ? ['        "authorization": "Bearer " + os.environ["SKERRY_KEY"],'] : []),
    '    },',
    ')',
    ...(isHub ? ['tls = ssl.create_default_context(cafile="ca.pem")'] : []),
    `with urllib.request.urlopen(request${isHub ? ', context=tls' : ''}) as response:`,
    '    for output in json.load(response)["outputs"]:',
    '        print(output["name"], output["shape"], output["data"])',
    '',
  ].join('\n')
}

/** JSON as Python writes it. Its strings have the same escapes. */
function pythonLiteral(value: unknown): string {
  if (value === null) return 'None'
  if (typeof value === 'boolean') return value ? 'True' : 'False'
  if (Array.isArray(value)) return `[${value.map(pythonLiteral).join(', ')}]`
  if (typeof value === 'object')
    return `{${Object.entries(value)
      .map(([key, field]) => `${JSON.stringify(key)}: ${pythonLiteral(field)}`)
      .join(', ')}}`
  // JSON.stringify drops the sign of a zero.
  return Object.is(value, -0) ? '-0.0' : JSON.stringify(value)
}

function nodeText({ target, url, body, isInFile }: Program): string {
  const isHub = target === 'hub'
  const file = isHub ? ['// NODE_EXTRA_CA_CERTS=ca.pem node infer.mjs'] : ['// node infer.mjs']
  return [
    ...file,
    ...(isInFile ? ["import { readFileSync } from 'node:fs'"] : []),
    '',
    `const body = ${isInFile ? `JSON.parse(readFileSync('${INPUTS_FILE}', 'utf8'))` : body}`,
    `const response = await fetch(${JSON.stringify(url)}, {`,
    "  method: 'POST',",
    isHub
      ? "  headers: { 'content-type': 'application/json', authorization: 'Bearer ' + process.env.SKERRY_KEY },"
      : "  headers: { 'content-type': 'application/json' },",
    '  body: JSON.stringify(body),',
    '})',
    'if (!response.ok) throw new Error(await response.text())',
    'const { outputs } = await response.json()',
    'for (const { name, shape, data } of outputs) console.log(name, shape, data)',
    '',
  ].join('\n')
}
