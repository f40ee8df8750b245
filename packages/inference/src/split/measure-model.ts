/**
 * Measure model: the types, shapes and sizes of the tensors of a model, and the times of its nodes, on inputs. The runtime
 * infers types and shapes; the sizes are those of the runs.
 */
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TensorSpec } from '@skerry/contract/models/tensor'
import type { Model } from '@skerry/onnx/read'
import { probedNode, tensorProbe, timeProbe } from '@skerry/onnx/split/probe-models'
import { declaredFacts, type TensorFact } from '@skerry/onnx/split/tensor-facts'
import type { InferenceSession as RuntimeSession } from 'onnxruntime-node'
import * as z from 'zod'
import { specOf } from '../runtime/ort-tensor.ts'
import { type Bag, runOnce, withSession } from './run-model.ts'

/** The results of so many tensors are in memory at one time. */
const TENSORS_AT_ONCE = 32

/** Optimised graphs join operators, and have no tensor between them. */
const AS_WRITTEN = { graphOptimizationLevel: 'disabled' } as const

/**
 * The facts of all tensors that can pass between stages. Throws the runtime's message about a case that it cannot run.
 */
export async function measureTensors(model: Model, cases: readonly Bag[]): Promise<Map<string, TensorFact>> {
  const probe = tensorProbe(model)
  if (!probe.ok) throw new Error(probe.message)
  const { bytes, names } = probe.value
  const facts = declaredFacts(model)
  await withSession(bytes, AS_WRITTEN, async (session) => {
    const specs = new Map(session.outputMetadata.map((metadata) => [metadata.name, specOf(metadata)]))
    for (const name of names) if (!specs.get(name)) facts.delete(name)
    const known = names.filter((name) => specs.get(name))
    for (const bag of cases)
      for (let at = 0; at < known.length; at += TENSORS_AT_ONCE)
        await noteResults(session, { facts, specs, bag, names: known.slice(at, at + TENSORS_AT_ONCE) })
  })
  for (const bag of cases) for (const [name, tensor] of bag) noteInput(facts, name, tensor.data.byteLength)
  return facts
}

type Noting = {
  facts: Map<string, TensorFact>
  specs: ReadonlyMap<string, TensorSpec | undefined>
  bag: Bag
  names: readonly string[]
}

async function noteResults(session: RuntimeSession, { facts, specs, bag, names }: Noting): Promise<void> {
  for (const { name, shape, data } of await runOnce(session, bag, names)) {
    const spec = specs.get(name)
    if (spec) facts.set(name, mergedFact(facts.get(name), spec, { shape, bytes: data.byteLength }))
    // The collector sees only the small objects around the memory of a result.
    data.buffer.transfer(0)
  }
}

type Seen = { shape: readonly number[]; bytes: number }

/** A dimension that the runtime infers counts only if the run has it: exporters write wrong ones. */
function mergedFact(before: TensorFact | undefined, { datatype, shape }: TensorSpec, seen: Seen): TensorFact {
  const sizes = seen.shape.map((size, at) => (shape.length === seen.shape.length && shape[at] === size ? size : -1))
  const bytes = Math.max(seen.bytes, before?.datatype === datatype ? before.bytes : 0)
  return { datatype, shape: sizes, bytes }
}

function noteInput(facts: Map<string, TensorFact>, name: string, bytes: number): void {
  const fact = facts.get(name)
  if (fact) facts.set(name, { ...fact, bytes: Math.max(fact.bytes, bytes) })
}

/** Runs behind the one that warms up. The shortest of a node is steady after a few. */
const PROFILED_RUNS = 5

/** [onnxruntime, profiling] A trace of Chrome: events with a category, a name and a duration in microseconds. */
const Profile = z.array(z.object({ cat: z.string().optional(), name: z.string(), dur: z.number().optional() }))

/** Microseconds of each node of the main graph, by its position in the file. */
export async function measureNodes(model: Model, bag: Bag): Promise<number[]> {
  const folder = await mkdtemp(join(tmpdir(), 'skerry-profile-'))
  try {
    const options = { ...AS_WRITTEN, enableProfiling: true, profileFilePrefix: join(folder, 'run') }
    await withSession(timeProbe(model), options, async (session) => {
      for (let run = 0; run <= PROFILED_RUNS; run++) await runOnce(session, bag, session.outputNames)
      session.endProfiling()
    })
    const [file] = await readdir(folder)
    if (file === undefined) throw new Error('the runtime wrote no profile')
    return nodeTimes(model, Profile.parse(JSON.parse(await readFile(join(folder, file), 'utf8'))))
  } finally {
    await rm(folder, { recursive: true })
  }
}

function nodeTimes({ graph }: Model, events: z.infer<typeof Profile>): number[] {
  const times = graph.node.map((): number[] => [])
  for (const { name, dur = 0 } of events) {
    const index = probedNode(name)
    if (index !== undefined) times[index]?.push(dur)
  }
  // The first run of each node warms up.
  return times.map((each) => (each.length > 1 ? Math.min(...each.slice(1)) : (each[0] ?? 0)))
}
