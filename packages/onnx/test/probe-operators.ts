/**
 * Finds out by experiment which operators and opsets the installed onnxruntime-node loads, and writes the answer to
 * src/generated/operators.ts. Run it after every change of that dependency: `node packages/onnx/test/probe-operators.ts`
 * (a few minutes on a quiet machine).
 *
 * Candidates are the operators of the present table and the strings in the runtime's library. The first table came from
 * all 446,000 capitalised pieces of identifiers in that library, because short names are not stored as strings: after an
 * upgrade, add short new operators of ONNX's release notes to the table by hand (`Name: [1, 1]`) before the run.
 *
 * Each is loaded as a model of one node, at every opset, with several numbers and types of inputs. An operator is refused
 * at an opset only where the runtime does not know it there, calls it deprecated, or has no kernel for the very inputs
 * that it takes elsewhere.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { create, type MessageInitShape } from '@bufbuild/protobuf'
import { InferenceSession } from '@skerry/inference/runtime/onnx-runtime'
import { ModelProtoSchema } from '../src/generated/onnx_pb.ts'
import { operatorOpsets } from '../src/generated/operators.ts'
import { writeModel } from '../src/write.ts'

const DOMAINS = [
  'ai.onnx',
  'ai.onnx.ml',
  'ai.onnx.preview',
  'ai.onnx.preview.training',
  'ai.onnx.training',
  'com.microsoft',
  'com.microsoft.experimental',
  'com.microsoft.nchwc',
  'com.ms.internal.nhwc',
  'org.pytorch.aten',
]
/** Domains whose operators are listed one by one; in the others the runtime itself has the last word. */
const LISTED = ['ai.onnx', 'ai.onnx.ml', 'ai.onnx.preview.training', 'ai.onnx.training']

/** No kernel for any input, as the cases of libonnx-testdata show; simple probes cannot, for these need attributes. */
const WITHOUT_KERNEL: Record<string, (opset: number) => boolean> = {
  ImageDecoder: () => true,
  RoiAlign: (opset) => opset >= 22,
  AveragePool: (opset) => opset < 7,
  BatchNormalization: (opset) => opset < 7,
}

const INPUT_COUNTS = [1, 2, 3, 0, 4, 5, 6]
const INPUT_TYPES = [1, 7, 9, 6, 11, 10, 2, 8, 3]

type Probe = {
  domain: string
  operator: string
  opset: number
  irVersion: number
  inputCount: number
  inputType: number
}
type Outcome = 'loads' | 'unknown' | 'no-kernel' | 'other'

const value = (name: string, elemType: number) => ({
  name,
  type: { value: { case: 'tensorType' as const, value: { elemType } } },
})

async function load(probe: Probe): Promise<Outcome> {
  const inputs = Array.from({ length: probe.inputCount }, (_, index) => `i${index}`)
  const isOnnx = probe.domain === 'ai.onnx'
  const domain = isOnnx ? '' : probe.domain
  const model: MessageInitShape<typeof ModelProtoSchema> = {
    irVersion: BigInt(probe.irVersion),
    opsetImport: [{ domain, version: BigInt(probe.opset) }, ...(isOnnx ? [] : [{ domain: '', version: 21n }])],
    graph: {
      name: 'probe',
      node: [
        { opType: probe.operator, domain: probe.operator === 'Identity' ? '' : domain, input: inputs, output: ['y'] },
      ],
      input: inputs.map((name) => value(name, probe.inputType)),
      output: [{ name: 'y' }],
    },
  }
  try {
    const bytes = writeModel(create(ModelProtoSchema, model))
    const session = await InferenceSession.create(bytes, { logSeverityLevel: 4, graphOptimizationLevel: 'disabled' })
    await session.release()
    return 'loads'
  } catch (error) {
    const message = String(error)
    if (/No Op registered for|is not a registered function\/op|deprecated/i.test(message)) return 'unknown'
    return /Could not find an implementation/.test(message) ? 'no-kernel' : 'other'
  }
}

const base: Probe = { domain: 'ai.onnx', operator: 'Identity', opset: 13, irVersion: 8, inputCount: 1, inputType: 1 }

async function highest(from: number, loads: (version: number) => Promise<Outcome>): Promise<number> {
  let version = from
  while ((await loads(version + 1)) === 'loads') version++
  return version
}

function candidates(library: string): string[] {
  const strings = library.match(/(?<=\0)[A-Z][A-Za-z0-9]{1,39}(?=\0)/g) ?? []
  return [...new Set([...strings, ...Object.values(operatorOpsets).flatMap(Object.keys)])].sort()
}

/** First and last opset of each run of opsets at which the operator may load. */
async function ranges(domain: string, operator: string, opsetMax: number): Promise<number[]> {
  const outcomes: Map<string, Outcome>[] = []
  for (let opset = 1; opset <= opsetMax; opset++) outcomes.push(await probeOpset(domain, operator, opset))
  const loading = new Set(
    outcomes.flatMap((probes) => [...probes].filter(([, what]) => what === 'loads').map(([probe]) => probe)),
  )
  const edges: number[] = []
  for (const [index, probes] of outcomes.entries()) {
    const opset = index + 1
    if (WITHOUT_KERNEL[operator]?.(opset) || isRefused(probes, loading)) continue
    if (edges.at(-1) === opset - 1) edges[edges.length - 1] = opset
    else edges.push(opset, opset)
  }
  return edges
}

async function probeOpset(domain: string, operator: string, opset: number): Promise<Map<string, Outcome>> {
  const probes = new Map<string, Outcome>()
  for (const inputCount of INPUT_COUNTS) {
    for (const inputType of INPUT_TYPES) {
      const outcome = await load({ ...base, domain, operator, opset, irVersion: 12, inputCount, inputType })
      probes.set(`${inputCount} ${inputType}`, outcome)
      if (outcome === 'unknown' || outcome === 'loads') return probes
    }
  }
  return probes
}

function isRefused(probes: ReadonlyMap<string, Outcome>, loading: ReadonlySet<string>): boolean {
  const outcomes = [...probes.values()]
  if (outcomes.includes('unknown')) return true
  if (outcomes.includes('loads')) return false
  return [...probes].some(([probe, outcome]) => outcome === 'no-kernel' && loading.has(probe))
}

async function main() {
  const require = createRequire(import.meta.url)
  const home = dirname(require.resolve('onnxruntime-node/package.json'))
  const { version } = JSON.parse(readFileSync(join(home, 'package.json'), 'utf8')) as { version: string }
  const irVersionMax = await highest(8, (irVersion) => load({ ...base, irVersion }))
  const domains: Record<string, number> = {}
  for (const domain of DOMAINS)
    domains[domain] = await highest(domain === 'ai.onnx' ? 13 : 1, (opset) => load({ ...base, domain, opset }))
  const names = candidates(readFileSync(join(home, 'bin/napi-v6/linux/x64/libonnxruntime.so.1'), 'latin1'))
  const operators: [string, Record<string, number[]>][] = []
  for (const domain of LISTED) operators.push([domain, await list(domain, names, domains[domain] ?? 1)])
  const text = [
    '// Written by test/probe-operators.ts from experiments; do not edit.',
    `export const runtimeVersion = '${version}'`,
    `export const irVersionMax = ${irVersionMax}`,
    'export const opsetMax: Readonly<Record<string, number>> = {',
    ...Object.entries(domains).map(([domain, opset]) => `  '${domain}': ${opset},`),
    '}',
    '/** By domain and operator: the first and last opset of each run of opsets at which it loads. */',
    'export const operatorOpsets: Readonly<Record<string, Readonly<Record<string, readonly number[]>>>> = {',
    ...operators.flatMap(([domain, listed]) => [
      `  '${domain}': {`,
      ...Object.entries(listed).map(([name, edges]) => `    ${name}: [${edges.join(', ')}],`),
      '  },',
    ]),
    '}',
    '',
  ]
  writeFileSync(new URL('../src/generated/operators.ts', import.meta.url), text.join('\n'))
}

async function list(domain: string, names: readonly string[], opsetMax: number): Promise<Record<string, number[]>> {
  const listed: Record<string, number[]> = {}
  // A deprecated operator counts as unknown at the last opset, hence an older one too.
  const opsets = [opsetMax, domain === 'ai.onnx' ? 9 : 1]
  for (const operator of names) {
    // `load` puts Identity into ai.onnx, to probe the other domain alone.
    if (operator === base.operator && domain !== base.domain) continue
    const found: Outcome[] = []
    for (const opset of opsets)
      found.push(await load({ ...base, domain, operator, opset, irVersion: 12, inputCount: 0 }))
    if (found.every((outcome) => outcome === 'unknown')) continue
    const edges = await ranges(domain, operator, opsetMax)
    if (edges.length > 0) listed[operator] = edges
  }
  return listed
}

await main()
