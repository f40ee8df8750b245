/** Steps: commands that must succeed, run two at a time, one line each; a failed one shows its output. */
import { spawn } from 'node:child_process'
import { delimiter, join } from 'node:path'

export const ROOT = join(import.meta.dirname, '..')

export type Step = { name: string; command: readonly string[] }
export type StepResult = { name: string; passed: boolean }

/** The machines we build on have two cores, and most steps keep one busy. */
const STEPS_AT_ONCE = 2

/** Runs all steps, also after a failure, so that one run shows everything. Starts them in the given order. */
export async function runSteps(steps: readonly Step[]): Promise<StepResult[]> {
  const waiting = [...steps]
  const results: StepResult[] = []
  const lane = async () => {
    for (let step = waiting.shift(); step !== undefined; step = waiting.shift()) results.push(await runStep(step))
  }
  await Promise.all(Array.from({ length: STEPS_AT_ONCE }, lane))
  return results
}

async function runStep({ name, command }: Step): Promise<StepResult> {
  const startMs = performance.now()
  const { code, output } = await run(command)
  const seconds = ((performance.now() - startMs) / 1000).toFixed(1)
  console.log(`${code === 0 ? 'ok    ' : 'FAILED'} ${name.padEnd(12)} ${seconds.padStart(5)} s`)
  if (code !== 0) console.log(output.trimEnd().replace(/^/gm, '    '))
  return { name, passed: code === 0 }
}

/**
 * The environment in which commands of node_modules/.bin are found first, and so run on Node 24. All processes share
 * compiled code: the tests start hubs, agents and command lines by the hundred, and compiling took a quarter of their
 * processor time.
 */
export const toolEnv = (): NodeJS.ProcessEnv => ({
  NODE_COMPILE_CACHE: join(ROOT, '.skerry/compiled'),
  ...process.env,
  PATH: `${join(ROOT, 'node_modules/.bin')}${delimiter}${process.env.PATH ?? ''}`,
})

function run([program = '', ...args]: readonly string[]): Promise<{ code: number; output: string }> {
  return new Promise((resolve) => {
    const child = spawn(program, args, { cwd: ROOT, env: toolEnv(), stdio: ['ignore', 'pipe', 'pipe'] })
    const chunks: Buffer[] = []
    child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk))
    child.stderr.on('data', (chunk: Buffer) => chunks.push(chunk))
    child.on('error', (error) => resolve({ code: 127, output: `${program}: ${error.message}` }))
    child.on('close', (code) => resolve({ code: code ?? 1, output: Buffer.concat(chunks).toString() }))
  })
}
