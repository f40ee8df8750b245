/**
 * optimise: the builds of PP-OCRv4 and of matrix products: bytes, speed and fidelity against the float model, and the
 * time and memory of the process that makes them. A ratio counts, not the milliseconds of this machine.
 */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Recipe } from '@skerry/contract/builds/build'
import { judgeFidelity, measureFidelity } from '@skerry/core/builds/fidelity'
import { canReturnNodes, nextReturn } from '@skerry/core/builds/worst-nodes'
import { buildModel, type Ranges, rankModel } from '@skerry/inference/optimise/build-model'
import { JOURNEY_GOAL_SECONDS, optimiseJourney } from './optimise-parts/optimise-journey.ts'
import { CALIBRATION, type OptimiseModel, optimiseModels } from './optimise-parts/optimise-models.ts'
import { type Run, runForms } from './optimise-parts/optimise-speed.ts'

const LIMITS = { timeMs: 300_000, memoryBytes: 4e9 }

/** The usual goals of the gate. */
const GOAL = { agreementMin: 0.99, differenceMax: 0.05 }

/** The memory of the process of a build, as a multiple of the model. */
const MEMORY_GOAL = 6

type Made = { bytes: Uint8Array; seconds: number; peakBytes: number; ranges: Ranges }

/** Runs the benchmark; takes some minutes. */
export async function run(): Promise<object> {
  const folder = await mkdtemp(join(tmpdir(), 'skerry-bench-optimise-'))
  try {
    const models: Record<string, object> = {}
    for (const model of await optimiseModels()) {
      console.error(`optimise: ${model.name}`)
      models[model.name] = await measure(folder, model)
    }
    console.error('optimise: from push to rollout')
    const journey = await optimiseJourney()
    const goals = { memoryOfModel: MEMORY_GOAL, gate: GOAL, journeySeconds: JOURNEY_GOAL_SECONDS }
    return { benchmark: 'optimise', goals, ...models, journey }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function measure(folder: string, model: OptimiseModel): Promise<object> {
  const modelPath = join(folder, 'model.onnx')
  await writeFile(modelPath, model.bytes)
  const made = new Map<Recipe, Made>()
  for (const recipe of model.recipes ?? Recipe.options) {
    const result = await make(folder, model, { recipe, keep: [] })
    if (result) made.set(recipe, result)
  }
  const forms = new Map<string, Uint8Array>([
    ['float32', model.bytes],
    ...[...made].map(([recipe, { bytes }]) => [recipe, bytes] as const),
  ])
  const runs = await runForms(model, forms)
  const float = runs.get('float32')
  if (!float) throw new Error('the float model did not run')
  const builds: Record<string, object> = {}
  for (const [recipe, build] of made) {
    const own = runs.get(recipe)
    if (own) builds[recipe] = await figuresOf(folder, model, { recipe, build, own, float })
  }
  const { goal, bytes } = model
  return { bytes: bytes.length, p50Ms: float.p50Ms, ...(goal && { goal }), builds }
}

type Attempt = { recipe: Recipe; keep: readonly string[]; ranges?: Ranges }

async function make(folder: string, model: OptimiseModel, attempt: Attempt): Promise<Made | undefined> {
  const outPath = join(folder, 'build.onnx')
  const cases = casesOf(model)
  const startedMs = performance.now()
  const order = { modelPath: join(folder, 'model.onnx'), outPath, cases, ...attempt }
  const made = await buildModel(order, LIMITS, new AbortController().signal)
  if (!made.ok) return undefined
  const seconds = (performance.now() - startedMs) / 1_000
  return { bytes: await readFile(outPath), seconds, peakBytes: made.peakBytes, ranges: made.ranges }
}

const casesOf = ({ input, shape, inputs }: OptimiseModel) =>
  inputs.slice(0, CALIBRATION).map((values) => ({
    inputs: { [input]: { datatype: 'FP32' as const, shape, data: Buffer.from(values.buffer).toString('base64') } },
  }))

type Measured = { recipe: Recipe; build: Made; own: Run; float: Run }

async function figuresOf(folder: string, model: OptimiseModel, { recipe, build, own, float }: Measured) {
  const fidelity = fidelityOf(float, own)
  const isAdmitted = judgeFidelity(fidelity, GOAL).ok
  return {
    bytesOfFloat: build.bytes.length / model.bytes.length,
    speed: float.p50Ms / own.p50Ms,
    agreement: fidelity[0]?.agreement,
    difference: fidelity[0]?.difference,
    pixelsAgree: model.name === 'detector' ? pixelsAgree(float, own) : undefined,
    seconds: build.seconds,
    memoryOfModel: build.peakBytes / model.bytes.length,
    gate: isAdmitted ? 'admitted' : await returned(folder, model, { recipe, build, float }),
  }
}

/** The answer of the gate after the worst nodes have returned to float, as on the hub. */
async function returned(folder: string, model: OptimiseModel, { recipe, build, float }: Omit<Measured, 'own'>) {
  if (!canReturnNodes(recipe) || !model.goal) return 'refused'
  const order = {
    modelPath: join(folder, 'model.onnx'),
    recipe,
    cases: casesOf(model).slice(0, 2),
    ranges: build.ranges,
  }
  const ranked = await rankModel(order, LIMITS, new AbortController().signal)
  if (!ranked.ok) return `refused; ${ranked.message}`
  const facts = { rewritten: ranked.nodes.length, remainingMs: 1, lastTryMs: 0 }
  let last = 0
  for (let next = nextReturn({ ...facts, returned: 0 }); next; next = nextReturn({ ...facts, returned: last })) {
    const keep = ranked.nodes.slice(0, next).map(({ key }) => key)
    const made = await make(folder, model, { recipe, keep, ranges: build.ranges })
    if (!made) break
    last = next
    const own = (await runForms(model, new Map([['build', made.bytes]]), 0)).get('build')
    if (own && judgeFidelity(fidelityOf(float, own), GOAL).ok)
      return `admitted with ${next} nodes in float, ${(made.bytes.length / model.bytes.length).toFixed(3)} of the bytes`
  }
  return `refused, also with ${last} of ${ranked.nodes.length} nodes in float`
}

const fidelityOf = (float: Run, own: Run) => {
  const outputs = ({ answers }: Run) =>
    answers.map(({ shape, values }) => {
      const data = new Uint8Array(values.buffer, values.byteOffset, values.byteLength)
      return new Map([['y', { datatype: 'FP32' as const, shape, data }]])
    })
  const measured = measureFidelity({ version: outputs(float), build: outputs(own) })
  if (!measured.ok) throw new Error(measured.message)
  return measured.fidelity
}

/** [PP-OCRv4 detection] A pixel is text above 0.3. */
function pixelsAgree(float: Run, own: Run): number {
  const pairs = float.answers.flatMap(({ values }, index) =>
    Array.from(values, (value, at) => value > 0.3 === (own.answers[index]?.values[at] ?? 0) > 0.3),
  )
  return pairs.filter(Boolean).length / pairs.length
}
