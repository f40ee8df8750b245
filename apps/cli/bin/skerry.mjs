#!/usr/bin/env node
// Starts the CLI on any Node.js from 20 on. Skerry itself needs 24. If this one is older, the Node.js that is installed
// beside it as a package takes over.
import { spawn } from 'node:child_process'
import module from 'node:module'
import { constants } from 'node:os'
import { fileURLToPath } from 'node:url'

const NEEDED = 24
const OLDEST = 20

const major = Number(process.versions.node.split('.')[0])

if (major >= NEEDED) await start()
else if (major < OLDEST) refuse(`Node.js ${process.versions.node} is too old`, `install Node.js ${OLDEST} or newer`)
else become(findNode())

async function start() {
  // Half of the start is compiling our own code. The cache does that only once.
  module.enableCompileCache()
  await import(new URL('../src/main.ts', import.meta.url).href)
}

function findNode() {
  try {
    return module.createRequire(import.meta.url).resolve(`node-${process.platform}-${process.arch}/bin/node`)
  } catch {
    const here = `${process.platform}-${process.arch}`
    return refuse(
      `this is Node.js ${process.versions.node}, and there is no Node.js ${NEEDED} for ${here} beside Skerry`,
      `install Node.js ${NEEDED}, or reinstall Skerry with its optional dependencies on linux-x64 or linux-arm64`,
    )
  }
}

// An older Node.js cannot replace itself, so it stays as a parent that passes everything on.
function become(node) {
  const child = spawn(node, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], { stdio: 'inherit' })
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP']
  // The terminal sends Ctrl-C to both; the child decides when to end.
  for (const signal of signals) process.on(signal, () => signal !== 'SIGINT' && child.kill(signal))
  child.on('error', (error) => refuse(`${node} cannot be started: ${error.message}`, 'reinstall Skerry'))
  child.on('exit', (code, signal) => process.exit(code ?? 128 + constants.signals[signal]))
}

function refuse(message, next) {
  process.stderr.write(`error: ${message}\n  code: runtime_unsupported\n  what next: ${next}\n`)
  process.exit(1)
}
