/**
 * llm: tokens a second of a language model over the chat API of a device, against the bare runtime in the same run, and the
 * time that the API adds to the first token. The weights are random: they cost the same as real ones.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Serving } from '@skerry/contract/models/serving'
import { createModelHost } from '@skerry/inference/host/model-host'
import { startRestServer } from '@skerry/inference/rest/rest-server'
import { systemClock } from '@skerry/platform/process/clock'
import { makeTestGguf } from '@skerry/testkit/language-models/test-gguf'
import { getLlama, LlamaCompletion, LlamaLogLevel } from 'node-llama-cpp'
import { createLanguagePart } from '../../apps/agent/src/kinds/gguf/slot-host.ts'
import { languageDoor } from '../../apps/agent/src/language-models/language-door.ts'
import { median } from '../serve-parts/serve-latency.ts'

/** An odd number, so that the median is a measured value. Both sides take turns, so that a busy machine slows both. */
const ROUNDS = 7
const TOKENS = 64
const PROMPT = 'Pump 17 reports a pressure of 9 bar'

type Sample = { tokensPerSecond: number; firstTokenMs: number }
type Side = (prompt: string) => Promise<Sample>

/** Another first character in each round: the cache of the prompt before must not help. */
const promptOf = (round: number) => `${'abcdefghijklmnop'[round % 16]}${PROMPT}`

/** Runs the benchmark; takes a minute. */
export async function run(): Promise<object> {
  const folder = await mkdtemp(join(tmpdir(), 'skerry-bench-llm-'))
  try {
    const path = join(folder, 'model.gguf')
    const bytes = makeTestGguf({
      embedding: 512,
      blocks: 10,
      heads: 8,
      feedForward: 1_376,
      context: 512,
      isEndless: true,
    })
    await writeFile(path, bytes)
    await using stack = new AsyncDisposableStack()
    const bare = await openBare(path, stack)
    const served = await openServed(path, folder, stack)
    await bare(promptOf(ROUNDS))
    await served(promptOf(ROUNDS))
    const samples: { bare: Sample; served: Sample }[] = []
    for (let round = 0; round < ROUNDS; round++)
      samples.push({ bare: await bare(promptOf(round)), served: await served(promptOf(round)) })
    const [bareRate, servedRate] = (['bare', 'served'] as const).map((side) =>
      median(samples.map((sample) => sample[side].tokensPerSecond)),
    )
    return {
      benchmark: 'llm',
      modelMb: Math.round(bytes.length / 1e6),
      bareTokensPerSecond: bareRate,
      servedTokensPerSecond: servedRate,
      /** Of the least disturbed rounds, and of pairs of rounds. */
      bestRatio: best(samples.map(({ served }) => served)) / best(samples.map(({ bare }) => bare)),
      ratio: median(samples.map((sample) => sample.served.tokensPerSecond / sample.bare.tokensPerSecond)),
      addedFirstTokenMs: median(samples.map((sample) => sample.served.firstTokenMs - sample.bare.firstTokenMs)),
    }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

const best = (samples: readonly Sample[]) => Math.max(...samples.map(({ tokensPerSecond }) => tokensPerSecond))

/** The time of each token, from the request to the end of the answer. Both sides must do the same work. */
function sampleOf(tokens: number, begunMs: number, firstMs: number): Sample {
  const endMs = performance.now()
  if (tokens !== TOKENS) throw new Error(`an answer has ${tokens} tokens, and ${TOKENS} were wanted`)
  return { tokensPerSecond: (TOKENS * 1_000) / (endMs - begunMs), firstTokenMs: firstMs - begunMs }
}

async function openBare(modelPath: string, stack: AsyncDisposableStack): Promise<Side> {
  const llama = await getLlama({
    gpu: false,
    build: 'never',
    skipDownload: true,
    progressLogs: false,
    logLevel: LlamaLogLevel.disabled,
    maxThreads: 1,
  })
  const model = stack.use(await llama.loadModel({ modelPath, gpuLayers: 0 }))
  const context = await model.createContext({ contextSize: 256, threads: 1 })
  const sequence = context.getSequence()
  const completion = new LlamaCompletion({ contextSequence: sequence })
  return async (prompt) => {
    await sequence.clearHistory()
    let firstMs = 0
    const meter = sequence.tokenMeter.getState()
    const begunMs = performance.now()
    await completion.generateCompletion(model.tokenize(prompt, false), {
      maxTokens: TOKENS,
      temperature: 0,
      repeatPenalty: false,
      onTextChunk: () => {
        firstMs ||= performance.now()
      },
    })
    // The runtime computes a token ahead.
    return sampleOf(Math.min(TOKENS, sequence.tokenMeter.diff(meter).usedOutputTokens), begunMs, firstMs)
  }
}

async function openServed(path: string, folder: string, stack: AsyncDisposableStack): Promise<Side> {
  const { signal } = new AbortController()
  const part = createLanguagePart(systemClock)
  stack.defer(() => part.slots.close())
  const settings = join(folder, 'language.json')
  await writeFile(settings, JSON.stringify({ contextTokens: 256 }))
  const file = (name: string, at: string) => ({ name, path: at, seal: undefined })
  const files = { model: file('model.gguf', path), settings: file('language.json', settings), adapter: undefined }
  const loaded = await part.slots.load({ slot: 'bench', settings: Serving.parse({}) }, files, signal)
  if (!loaded.ok) throw new Error(loaded.message)
  part.slots.activate({ slot: 'bench', name: 'bench', version: '1' })
  const host = createModelHost({ clock: systemClock })
  const identity = { name: 'skerry', version: 'bench' }
  const server = await startRestServer({ host, identity, port: 0, beside: languageDoor(part) })
  stack.defer(() => server.close(0))
  return async (prompt) => {
    let firstMs = 0
    const body = JSON.stringify({
      model: 'bench',
      stream: true,
      stream_options: { include_usage: true },
      max_tokens: TOKENS,
      temperature: 0,
      messages: [{ role: 'user', content: prompt }],
    })
    const begunMs = performance.now()
    const url = `http://127.0.0.1:${server.port}/v1/chat/completions`
    const response = await fetch(url, { method: 'POST', body })
    const decoder = new TextDecoder()
    let text = ''
    for await (const chunk of response.body ?? []) {
      firstMs ||= performance.now()
      text += decoder.decode(chunk, { stream: true })
    }
    return sampleOf(Number(/"completion_tokens":(\d+)/.exec(text)?.[1]), begunMs, firstMs)
  }
}
