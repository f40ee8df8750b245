/** The part of the agent's package with the runtime of language models: it loads a model where nothing else is installed. */
import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { makeTestGguf } from '@skerry/testkit/language-models/test-gguf'
import { deep } from '@skerry/testkit/tier'
import { expect, onTestFinished, test } from 'vitest'
import { findRuntime } from '../../apps/agent/src/kinds/gguf/find-runtime.ts'
import { neededBy, readLock } from '../lock.ts'
import { languageModules, moduleFiles } from './agent-package.ts'

/** Loads the model and completes a text, as the process of a model does. */
const PROGRAM = `
const { getLlama, LlamaCompletion } = await import('node-llama-cpp')
const llama = await getLlama({ gpu: false, build: 'never', usePrebuiltBinaries: true, skipDownload: true, progressLogs: false })
const model = await llama.loadModel({ modelPath: 'model.gguf', gpuLayers: 0 })
const context = await model.createContext({ contextSize: 64, threads: 1 })
const grammar = await llama.createGrammar({ grammar: 'root ::= "ready"' })
const text = await new LlamaCompletion({ contextSequence: context.getSequence() }).generateCompletion('pump', { grammar, maxTokens: 16 })
console.log(text)
process.exit(0)
`

test('the part has the binaries of one architecture, and no package that the agent has anyway', () => {
  const lock = readLock()
  const agent = neededBy(lock, ['apps/agent'])
  for (const architecture of ['x64', 'arm64']) {
    const folders = languageModules(lock, agent, architecture)
    expect(folders).toContain('node_modules/node-llama-cpp')
    expect(folders.filter((path) => path.includes('@node-llama-cpp'))).toEqual([
      `node_modules/@node-llama-cpp/linux-${architecture}`,
    ])
    expect(folders.filter((path) => agent.includes(path))).toEqual([])
  }
})

test(
  'a model loads where nothing but the part is installed',
  deep('writes and loads a folder of some thousand files'),
  async () => {
    const lock = readLock()
    const agent = neededBy(lock, ['apps/agent'])
    const folders = languageModules(lock, agent, process.arch)
    const folder = await mkdtemp(join(tmpdir(), 'skerry-language-part-'))
    onTestFinished(() => rm(folder, { recursive: true }))
    let bytes = 0
    // The packages that the agent has anyway are in another part.
    const shared = neededBy(lock, folders).filter((path) => agent.includes(path))
    for await (const file of moduleFiles([...folders, ...shared], process.arch)) {
      if (!('bytes' in file)) throw new Error('modules have bytes')
      bytes += file.bytes.length
      const target = join(folder, file.path)
      await mkdir(dirname(target), { recursive: true })
      await writeFile(target, file.bytes)
    }
    expect(bytes / 1e6).toBeLessThan(80)
    await writeFile(join(folder, 'model.gguf'), makeTestGguf())
    await writeFile(join(folder, 'program.mjs'), PROGRAM)
    const run = promisify(execFile)
    const { stdout } = await run(process.execPath, ['program.mjs'], { cwd: folder, env: {} })
    expect(stdout.trim()).toBe('ready')
    // The driver of the agent looks beside its own packages, and then reports the kind.
    expect(findRuntime(join(folder, 'node_modules/@skerry/agent/dist/main.js'))).toBe(true)
    await rm(join(folder, `node_modules/@node-llama-cpp/linux-${process.arch}`), { recursive: true })
    expect(findRuntime(join(folder, 'node_modules/@skerry/agent/dist/main.js'))).toBe(false)
  },
)
