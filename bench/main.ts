/**
 * `npm run -s bench -- NAME [--json] [--devices N] [--protocol NAME] [--part NAME]`: runs one benchmark. With --json its
 * last line is one JSON object, else a table.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { cpus, release, type } from 'node:os'
import { join } from 'node:path'
import { inspect, parseArgs } from 'node:util'
import { missingPeers } from '../scripts/peers.mjs'

const SETUP = join(import.meta.dirname, '../scripts/setup.mjs')

type Benchmark = { run(options: { devices: number; protocol: string; part: string }): Promise<object> }

/** Benchmarks have names without a dash; files and folders with one are their parts. One with parts may be a folder. */
const names = readdirSync(import.meta.dirname)
  .filter((file) => (/^[a-z]+\.ts$/.test(file) && file !== 'main.ts') || isFolder(file))
  .map((file) => file.replace(/\.ts$/, ''))

const { values, positionals } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    devices: { type: 'string', default: '1000' },
    protocol: { type: 'string', default: 'modbus' },
    part: { type: 'string', default: '' },
  },
  allowPositionals: true,
})
const [name = ''] = positionals
if (names.includes(name)) {
  if (hasPeers(name)) await runBenchmark()
  else process.exitCode = 1
} else {
  console.error(
    `usage: npm run -s bench -- ${names.join('|')} [--json] [--devices N] [--protocol modbus|opcua|s7] [--part NAME]`,
  )
  process.exitCode = 2
}

function isFolder(file: string): boolean {
  return existsSync(join(import.meta.dirname, file, `${file}.ts`))
}

async function runBenchmark(): Promise<void> {
  const benchmark: Benchmark = await import(isFolder(name) ? `./${name}/${name}.ts` : `./${name}.ts`)
  const measured = await benchmark.run({
    devices: Number(values.devices),
    protocol: values.protocol,
    part: values.part,
  })
  const result = { ...measured, machine: machine() }
  console.log(values.json ? JSON.stringify(result) : table(result))
}

/**
 * Installs the programs by other people that the benchmark needs, as `npm test` does. False if that is not possible
 * here.
 */
function hasPeers(benchmark: string): boolean {
  if (missingPeers(benchmark).length === 0) return true
  spawnSync(process.execPath, [SETUP, `--peers=${benchmark}`], { stdio: ['ignore', 'ignore', 'inherit'] })
  const missing = missingPeers(benchmark).map(({ debian }) => debian)
  if (missing.length === 0) return true
  console.error(`skerry: ${benchmark} needs: sudo apt-get install --no-install-recommends ${missing.join(' ')}`)
  return false
}

/** The machine of the figures: percentages of a processor are of one core. */
function machine() {
  const processors = cpus()
  return {
    processor: processors[0]?.model,
    cores: processors.length,
    node: process.version,
    os: `${type()} ${release()}`,
  }
}

/** Nested results become one line a leaf: `tiny.rawPerSec  12,345`. */
function table(result: object): string {
  const rows = leaves(result, '')
  const width = Math.max(...rows.map(([path]) => path.length))
  return rows.map(([path, value]) => `${path.padEnd(width)}  ${value}`).join('\n')
}

function leaves(value: unknown, path: string): [string, string][] {
  if (typeof value === 'object' && value !== null) {
    return Object.entries(value).flatMap(([key, inner]) => leaves(inner, path === '' ? key : `${path}.${key}`))
  }
  return [[path, typeof value === 'number' ? value.toLocaleString('en', { maximumFractionDigits: 3 }) : inspect(value)]]
}
